package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/** Two linear layers with SiLU between: (N, in) → (N, out). */
public final class TimestepEmbedding extends NamedBlock implements Layer {
    private final Linear linear1;
    private final Linear linear2;

    /** With biases. */
    public TimestepEmbedding(long in, long out) {
        this(in, out, true);
    }

    public TimestepEmbedding(long in, long out, boolean withBias) {
        linear1 = child("linear_1", new Linear(in, out, withBias));
        linear2 = child("linear_2", new Linear(out, out, withBias));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return linear2.forward(pass, Ops.silu(linear1.forward(pass, x)));
    }
}
