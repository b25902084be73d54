package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;

/** A gated layer four times as wide as its tokens, and back: (N, tokens, C) → same. */
final class FeedForward extends NamedBlock implements Layer {
    private final Linear in;
    private final Linear out;

    FeedForward(long channels) {
        long hidden = 4 * channels;
        in = child("net.0.proj", new Linear(channels, 2 * hidden));
        out = child("net.2", new Linear(hidden, channels));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        NDArray both = in.forward(pass, x);
        NDArray hidden = Ops.geglu(both);
        both.close(); // the widest array of the block
        return out.forward(pass, hidden);
    }
}
