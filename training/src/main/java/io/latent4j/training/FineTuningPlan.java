package io.latent4j.training;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.training.batches.DataPlan;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.data.ImageFolder;
import io.latent4j.training.diffusion.DiffusionPlan;
import io.latent4j.training.diffusion.PriorPlan;
import io.latent4j.training.model.BaseModelPlan;
import io.latent4j.training.run.LoopPlan;
import io.latent4j.training.samples.SamplesPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What run files have in common that add something to a model and leave its weights as they are.
 *
 * @param clipSkip 1 to take the text encoders' last layer, 2 for the one before it, and so on
 * @param batch images
 * @param captionDropout how often the caption is left empty, 0 to 1
 * @param cache the folder of latents and texts; empty for that in the run's
 */
record FineTuningPlan(
        RunPlan run,
        BaseModelPlan model,
        int clipSkip,
        DataPlan data,
        PriorPlan prior,
        int batch,
        double captionDropout,
        DiffusionPlan diffusion,
        LoopPlan loop,
        SamplesPlan samples,
        Optional<Path> cache) {

    /**
     * Reads all keys that these kinds of runs share.
     *
     * @param given whether the program gives the images
     */
    static FineTuningPlan read(Config run, boolean given) {
        Config loss = run.section("loss");
        Config training = run.section("training");
        return new FineTuningPlan(
                RunPlan.read(run),
                BaseModelPlan.read(run),
                run.integer("clip_skip", Bounds.atLeast(1), 1),
                DataPlan.read(run.section("data"), DataPlan.Kind.TUNING, given),
                PriorPlan.read(run.section("prior")),
                training.integer("batch", Bounds.atLeast(1), 1),
                loss.real("caption_dropout", Bounds.of(0, 1), 0),
                DiffusionPlan.read(loss),
                LoopPlan.read(training, true),
                SamplesPlan.read(run.section("samples")),
                run.path("cache"));
    }

    /**
     * Checks that the model and the folders of images are there, or that the model may be on the hub.
     *
     * @throws IOException if one is not
     */
    void requireIsThere() throws IOException {
        model.requireIsThere();
        data.requireIsThere();
        if (prior.folder().isPresent()) {
            ImageFolder.requireFolder(prior.folder().get());
        }
    }
}
