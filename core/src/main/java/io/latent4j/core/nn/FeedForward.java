package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/** A layer wider than its tokens, and back: (N, tokens, C) → same. */
public final class FeedForward extends NamedBlock implements Layer {

    /** What stands between the two linear layers. */
    public enum Activation {
        /** {@link Ops#geglu}; the first layer makes its gates too. */
        GEGLU(2),
        /** {@link Ops#geluTanh}. */
        GELU_TANH(1),
        /** {@link Ops#swiglu}; the first layer makes its gates too. */
        SWIGLU(2);

        private final long arrays;

        Activation(long arrays) {
            this.arrays = arrays;
        }

        private NDArray of(NDArray x) {
            return switch (this) {
                case GEGLU -> Ops.geglu(x);
                case GELU_TANH -> Ops.geluTanh(x);
                case SWIGLU -> Ops.swiglu(x);
            };
        }
    }

    private final long wide;
    private final Activation activation;
    private final Linear in;
    private final Linear out;

    private FeedForward(
            String nameIn, String nameOut, long channels, long hidden, Activation activation, boolean withBias) {
        this.activation = activation;
        wide = activation.arrays * hidden;
        in = child(nameIn, new Linear(channels, wide, withBias));
        out = child(nameOut, new Linear(hidden, channels, withBias));
    }

    /** Four times as wide as its tokens, with biases: {@code net.0.proj} and {@code net.2}. */
    public FeedForward(long channels, Activation activation) {
        this("net.0.proj", "net.2", channels, 4 * channels, activation, true);
    }

    /** Of any width and without biases: {@code linear_in} and {@code linear_out}. */
    public static FeedForward withoutBias(long channels, long hidden, Activation activation) {
        return new FeedForward("linear_in", "linear_out", channels, hidden, activation, false);
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return Tokenwise.forward(pass, x, wide, this::whole);
    }

    private NDArray whole(Pass pass, NDArray x) {
        NDArray both = in.forward(pass, x);
        NDArray hidden = activation.of(both);
        both.close();
        return out.forward(pass, hidden);
    }
}
