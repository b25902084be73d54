package io.latent4j.textencoder.qwen;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TextOps;

/**
 * Rotary position embedding (<a href="https://arxiv.org/abs/2104.09864">Su et al. 2021</a>, equation 34) of halves: channel
 * i of a head is turned together with channel i + d/2, by its position times θ^(−2i/d).
 *
 * @param cos (tokens, d / 2)
 * @param sin (tokens, d / 2)
 */
record Rotation(NDArray cos, NDArray sin) {

    /** The angles of the positions 0 to {@code tokens} − 1. */
    static Rotation of(NDManager manager, int tokens, int headWidth, double theta) {
        int half = headWidth / 2;
        float[] cos = new float[tokens * half];
        float[] sin = new float[tokens * half];
        for (int position = 0; position < tokens; position++) {
            for (int i = 0; i < half; i++) {
                double angle = position * Math.pow(theta, -2.0 * i / headWidth);
                cos[position * half + i] = (float) Math.cos(angle);
                sin[position * half + i] = (float) Math.sin(angle);
            }
        }
        Shape shape = new Shape(tokens, half);
        return new Rotation(Ops.array(manager, cos, shape), Ops.array(manager, sin, shape));
    }

    /** Turns each head: (B, N, heads, d) → same. */
    NDArray apply(NDArray x) {
        return TextOps.rotateHalves(x, cos, sin);
    }
}
