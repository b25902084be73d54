package io.latent4j.training;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.config.Config;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.StartOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Any bytes as the run file of every kind of training. */
class RunFileFuzzTest {
    private interface Plan {
        Object read(Config file, boolean given) throws IOException;
    }

    private static final List<Plan> PLANS = List.of(
            AutoencoderPlan::read, DdpmPlan::read, LoraPlan::read, TextToImagePlan::read, TextualInversionPlan::read);

    @FuzzTest
    void anyBytesMakeAPlanOrAreRefused(byte[] bytes) throws IOException {
        for (Plan plan : PLANS) {
            Untrusted.file("run.yaml", bytes, path -> read(plan, path));
        }
    }

    private static void read(Plan plan, Path path) throws IOException {
        Config file = RunPlan.file(path, StartOptions.DEFAULT);
        try {
            plan.read(file, true);
        } catch (IOException e) {
            Untrusted.checkRefusal(e, ": "); // which names the other file that the run file names
        }
    }
}
