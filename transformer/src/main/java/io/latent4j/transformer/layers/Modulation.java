package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;

/**
 * Shifts, scales and gates of normalizations, computed from an embedding (AdaLN-Zero, <a
 * href="https://arxiv.org/abs/2212.09748">Peebles &amp; Xie 2022</a>, section 3.2): SiLU and a linear layer.
 */
public final class Modulation extends NamedBlock implements Layer {
    private final int count;
    private final Linear linear;

    /**
     * A modulation with biases.
     *
     * @param width channels of the embedding and of what is modulated
     * @param count of vectors
     */
    public Modulation(long width, int count) {
        this(width, count, true);
    }

    public Modulation(long width, int count, boolean withBias) {
        this.count = count;
        linear = child("linear", new Linear(width, count * width, withBias));
    }

    /** All vectors side by side: (N, width) → (N, count · width). */
    @Override
    public NDArray forward(Pass pass, NDArray temb) {
        return linear.forward(pass, Ops.silu(temb));
    }

    /** The vectors, (N, width) each, in the order of the layer's rows. */
    public NDList vectors(Pass pass, NDArray temb) {
        return forward(pass, temb).split(count, 1);
    }
}
