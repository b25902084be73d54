package io.latent4j.transformer.zimage;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Tokenwise;
import io.latent4j.core.ops.Ops;

/** {@code w2(silu(w1 x) · w3 x)} (<a href="https://arxiv.org/abs/2002.05202">Shazeer 2020</a>): (N, tokens, C) → same. */
final class GatedFeedForward extends NamedBlock implements Layer {
    private final long hidden;
    private final Linear w1;
    private final Linear w2;
    private final Linear w3;

    GatedFeedForward(int width) {
        hidden = (long) (width / 3.0 * 8);
        w1 = child("w1", new Linear(width, hidden, false));
        w2 = child("w2", new Linear(hidden, width, false));
        w3 = child("w3", new Linear(width, hidden, false));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return Tokenwise.forward(pass, x, 2 * hidden, this::whole);
    }

    private NDArray whole(Pass pass, NDArray x) {
        NDArray gate = Ops.silu(w1.forward(pass, x));
        return w2.forward(pass, gate.mul(w3.forward(pass, x)));
    }
}
