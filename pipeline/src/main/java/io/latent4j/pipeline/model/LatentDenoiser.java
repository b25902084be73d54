package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.request.StepCaching;
import java.util.List;

/**
 * The network of one model that predicts from noisy latents. Its weights are in memory while a lease of
 * {@link ModelPart#DENOISER} is held. Any number of threads may use it at a time.
 */
public interface LatentDenoiser {

    /** Whether it takes a mask and the latents of the masked image beside the noisy latents. */
    boolean inpaints();

    /** Whether it takes the guidance scale as an input, as models distilled from guided ones do. */
    boolean takesGuidance();

    /** How many reference images it can be told beside the text. */
    default int mostReferences() {
        return 0;
    }

    /**
     * The attention of images to themselves at {@code place}, a name of its tree.
     *
     * @throws IllegalArgumentException if there is none, naming the places there are
     */
    List<Attention> selfAttention(String place);

    /**
     * Refuses caches that have nothing to reuse in this network; by default all.
     *
     * @param caching of one kind at least
     * @throws IllegalArgumentException naming what it cannot reuse, and what it can
     */
    default void check(StepCaching caching) {
        throw new IllegalArgumentException(
                "the cache " + caching.text() + " is asked for, and the model reuses nothing; expected no cache");
    }

    /** The network's parameters by name. */
    NamedBlock block();

    /**
     * Bytes of arrays, beyond the weights, that a prediction has at a time in any case: it may need several times as much. 0
     * where that is not known.
     *
     * @param latents (N, C, h, w)
     */
    default long leastBytes(Shape latents) {
        return 0;
    }

    /**
     * Predicts in the model's compute type; gradients are recorded as {@code pass} says.
     *
     * @return (N, C, h, w), of the data type of the latents
     */
    NDArray predict(Pass pass, DenoiserInput input);
}
