package io.latent4j.training;

import io.latent4j.core.config.Config;
import java.io.IOException;

/** The run file of a {@link LoraTraining}. */
record LoraPlan(FineTuningPlan base, AdapterPlan adapter) {

    /**
     * Reads and checks a whole run file, but for what depends on the model; loads nothing.
     *
     * @param given whether the program gives the images
     * @throws IllegalArgumentException naming all keys that are wrong
     * @throws IOException if the model or a folder of images is not there
     */
    static LoraPlan read(Config file, boolean given) throws IOException {
        LoraPlan plan = file.collect(run -> {
            LoraPlan read = new LoraPlan(FineTuningPlan.read(run, given), AdapterPlan.read(run.section("adapter")));
            run.refuseTheRest();
            return read;
        });
        plan.base.requireIsThere();
        return plan;
    }
}
