package io.latent4j.transformer.flux;

import ai.djl.ndarray.NDArray;
import io.latent4j.transformer.layers.Positions;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The inputs of one forward pass.
 *
 * @param sample noisy latents, packed: (N, tokens, inChannels), of the data type that the network computes in. A token is 2×2
 *     latents, its channels in the order (channel, row, column)
 * @param timesteps one time a sample, (N): the noise's share, from 0 to 1
 * @param context hidden states of the text, (N, words, contextChannels); all of them count, padding too
 * @param pooled the pooled text, (N, pooledChannels)
 * @param imagePositions of the tokens, on three axes: 0, row, column
 * @param textPositions of the words: zeros
 * @param guidance the guidance scale of each sample, (N), present if and only if the config has {@code guidance_embeds}
 */
public record FluxInput(
        NDArray sample,
        NDArray timesteps,
        NDArray context,
        NDArray pooled,
        Positions imagePositions,
        Positions textPositions,
        Optional<NDArray> guidance) {
    private static final int AXES = 3;

    /**
     * One time and guidance scale for the whole batch. The arrays made of them belong to the scope in which this is called, or
     * else to the manager of {@code sample}.
     *
     * @param height tokens from top to bottom
     * @param width tokens from left to right
     */
    public static FluxInput of(
            NDArray sample,
            double timestep,
            NDArray context,
            NDArray pooled,
            long height,
            long width,
            OptionalDouble guidance) {
        return new FluxInput(
                sample,
                all(sample, timestep),
                context,
                pooled,
                Positions.grid(AXES, 0, height, width),
                Positions.zeros(AXES, context.getShape().get(1)),
                guidance.isPresent() ? Optional.of(all(sample, guidance.getAsDouble())) : Optional.empty());
    }

    private static NDArray all(NDArray sample, double number) {
        float[] numbers = new float[Math.toIntExact(sample.getShape().get(0))];
        Arrays.fill(numbers, (float) number);
        return sample.getManager().create(numbers);
    }
}
