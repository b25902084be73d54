package io.latent4j.transformer.pixart;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Optional;

/**
 * The inputs of one forward pass.
 *
 * @param sample noisy latents, (N, inChannels, H, W), of the data type that the network computes in
 * @param timesteps one time a sample, (N), from 0 to 999
 * @param context hidden states of the text, (N, tokens, captionChannels)
 * @param mask 1 for each token of the text that counts and 0 for padding, (N, tokens), float32; empty if all count
 */
public record PixArtInput(NDArray sample, NDArray timesteps, NDArray context, Optional<NDArray> mask) {

    /**
     * One time for the whole batch. The array of times belongs to the scope in which this is called, or else to the manager
     * of {@code sample}.
     */
    public static PixArtInput of(NDArray sample, double timestep, NDArray context, Optional<NDArray> mask) {
        float[] times = new float[Math.toIntExact(sample.getShape().get(0))];
        Arrays.fill(times, (float) timestep);
        return new PixArtInput(sample, sample.getManager().create(times), context, mask);
    }
}
