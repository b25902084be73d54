package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * How latents are cut into square patches, row by row; each becomes a token.
 *
 * @param height patches from top to bottom
 * @param width patches from left to right
 * @param patch height and width of one, in latents
 */
public record PatchGrid(long height, long width, int patch) {

    /**
     * The patches of {@code sample}, (N, C, H, W).
     *
     * @throws IllegalArgumentException if they do not cover it evenly
     */
    public static PatchGrid of(NDArray sample, int patch) {
        Shape shape = sample.getShape();
        if (shape.dimension() != 4 || shape.get(2) % patch != 0 || shape.get(3) % patch != 0) {
            throw new IllegalArgumentException(
                    "latents are " + shape + "; expected (N, C, H, W) with H and W multiples of " + patch);
        }
        return new PatchGrid(shape.get(2) / patch, shape.get(3) / patch, patch);
    }

    /** How many patches there are. */
    public long tokens() {
        return height * width;
    }

    /** Puts tokens of (row, column, channel) back together: (N, tokens, patch² · C) → (N, C, H, W). */
    public NDArray image(NDArray tokens) {
        long samples = tokens.getShape().get(0);
        return tokens.reshape(samples, height, width, patch, patch, -1)
                .transpose(0, 5, 1, 3, 2, 4)
                .reshape(samples, -1, height * patch, width * patch);
    }

    /** Cuts into tokens of (row, column, channel): (N, C, H, W) → (N, tokens, patch² · C). */
    public NDArray tokens(NDArray image) {
        Shape shape = image.getShape();
        return image.reshape(shape.get(0), shape.get(1), height, patch, width, patch)
                .transpose(0, 2, 4, 3, 5, 1)
                .reshape(shape.get(0), tokens(), -1);
    }
}
