package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Supplier;

/** Is called while latents are made, on the thread that makes them. */
public interface DenoisingListener {

    /** Weights of an offloaded part are about to be read. */
    void onLoading();

    /** Texts are about to be encoded. */
    void onTexts();

    /** The first step is about to be taken. */
    void onDenoising();

    /**
     * A step is done.
     *
     * @param step how many of all stages' steps are done, from 1
     * @param steps of how many
     * @param level the noise level that was reached
     * @param latents at that level; not to be kept, closed or changed
     * @param preview decodes what the network takes the finished images to be; of use until this returns
     */
    void onStep(int step, int steps, NoiseLevel level, NDArray latents, Supplier<List<BufferedImage>> preview);
}
