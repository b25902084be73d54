package io.latent4j.core.random;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.LongStream;

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
     * The noise of a stretch of time, for samplers that follow a stochastic differential equation: what one Brownian
     * motion gains from time {@code from} to time {@code to}, both above 0, divided by its standard deviation √|to −
     * from|. The same times give the same noise however often and in whatever order they are asked for, so runs with
     * more and fewer steps follow the same path. Other draws are not disturbed.
     *
     * <p>A source that has no such motion draws the next noise instead, independent of all others.
     *
     * @return N(0, 1) values with the shape, data type, device and manager of {@code latents}; the caller closes it
     * @throws IllegalArgumentException if the times are not above 0, or the same
     */
    default NDArray between(NDArray latents, double from, double to) {
        return like(latents);
    }

    /**
     * Noise for a batch of {@code count} images: image {@code i} along axis 0 draws from its own {@link TorchRandom} with
     * seed {@code firstSeed + i}, so it gets the same noise in a batch of any size.
     *
     * @throws IllegalArgumentException if {@code count} is below 1, and on drawing if the latents have another number of
     *     images
     */
    static NoiseSource perImage(long firstSeed, int count) {
        return new PerImageNoise(
                LongStream.range(0, count).mapToObj(i -> firstSeed + i).toList());
    }

    /**
     * Noise for a batch: image {@code i} along axis 0 draws from its own {@link TorchRandom} with the i-th of {@code seeds}.
     *
     * @throws IllegalArgumentException if there are none, and on drawing if the latents have another number of images
     */
    static NoiseSource perImage(List<Long> seeds) {
        return new PerImageNoise(seeds);
    }

    /**
     * Noise on the way from that of one source to that of another: along the arc between them, image by image, so that it
     * stays N(0, 1).
     *
     * @param share of the way, from 0, which is {@code from}, to 1, which is {@code to}
     */
    static NoiseSource mixed(NoiseSource from, NoiseSource to, double share) {
        return new MixedNoise(from, to, share);
    }
}
