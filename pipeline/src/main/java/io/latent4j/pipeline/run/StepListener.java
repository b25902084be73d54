package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Supplier;

/** Is called after each step of a run, on its thread. */
@FunctionalInterface
public interface StepListener {

    /**
     * A step is done.
     *
     * @param step how many of the run's steps are done, from 1
     * @param level the noise level that was reached
     * @param latents at that level; not to be kept, closed or changed
     * @param preview decodes what the network takes the finished images to be; of use until this returns
     */
    void onStep(int step, NoiseLevel level, NDArray latents, Supplier<List<BufferedImage>> preview);
}
