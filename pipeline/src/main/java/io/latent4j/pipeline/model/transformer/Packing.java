package io.latent4j.pipeline.model.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Latents as the tokens of a transformer that takes them in squares of 2×2: the channels of a token are in the order (channel,
 * row, column), and tokens go row by row.
 */
public final class Packing {
    private static final int SIDE = 2;

    private Packing() {}

    /** Latents (N, C, h, w) as tokens, (N, h/2 · w/2, 4 C). */
    public static NDArray packed(NDArray latents) {
        Shape s = latents.getShape();
        return latents.reshape(s.get(0), s.get(1), s.get(2) / SIDE, SIDE, s.get(3) / SIDE, SIDE)
                .transpose(0, 2, 4, 1, 3, 5)
                .reshape(s.get(0), s.get(2) * s.get(3) / (SIDE * SIDE), s.get(1) * SIDE * SIDE);
    }

    /** Tokens (N, h/2 · w/2, 4 C) as latents of {@code shape}, (N, C, h, w). */
    public static NDArray unpacked(NDArray tokens, Shape shape) {
        return tokens.reshape(shape.get(0), shape.get(2) / SIDE, shape.get(3) / SIDE, shape.get(1), SIDE, SIDE)
                .transpose(0, 3, 1, 4, 2, 5)
                .reshape(shape);
    }
}
