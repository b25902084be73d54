package io.latent4j.core.random;

import ai.djl.ndarray.NDArray;

/** Where a sampler draws its standard normal noise from. */
@FunctionalInterface
public interface NoiseSource {

    /**
     * Draws the next noise.
     *
     * @return independent N(0, 1) values with the shape, data type, device and manager of {@code latents}; the caller
     *     closes it
     */
    NDArray like(NDArray latents);
}
