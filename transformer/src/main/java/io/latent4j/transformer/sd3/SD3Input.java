package io.latent4j.transformer.sd3;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Set;

/**
 * The inputs of one forward pass.
 *
 * @param sample noisy latents, (N, inChannels, H, W), of the data type that the network computes in
 * @param timesteps one time a sample, (N), from 0 to 1000
 * @param context hidden states of the texts, (N, tokens, contextChannels); all of them count, padding too
 * @param pooled the pooled texts, (N, pooledChannels)
 * @param skipLayers blocks to leave out, from 0, as skip-layer guidance does
 */
public record SD3Input(NDArray sample, NDArray timesteps, NDArray context, NDArray pooled, Set<Integer> skipLayers) {

    public SD3Input {
        skipLayers = Set.copyOf(skipLayers);
    }

    /**
     * One time for the whole batch, and all blocks. The array of times belongs to the scope in which this is called, or else
     * to the manager of {@code sample}.
     */
    public static SD3Input of(NDArray sample, double timestep, NDArray context, NDArray pooled) {
        float[] times = new float[Math.toIntExact(sample.getShape().get(0))];
        Arrays.fill(times, (float) timestep);
        return new SD3Input(sample, sample.getManager().create(times), context, pooled, Set.of());
    }

    /** These inputs without some of the blocks. */
    public SD3Input skipping(Set<Integer> layers) {
        return new SD3Input(sample, timesteps, context, pooled, layers);
    }
}
