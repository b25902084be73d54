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

    /**
     * Noise for a batch of {@code count} images: image {@code i} along axis 0 draws from its own {@link TorchRandom} with
     * seed {@code firstSeed + i}, so it gets the same noise in a batch of any size.
     *
     * @throws IllegalArgumentException if {@code count} is below 1, and on drawing if the latents have another number of
     *     images
     */
    static NoiseSource perImage(long firstSeed, int count) {
        return new PerImageNoise(firstSeed, count);
    }
}
