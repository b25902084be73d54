package io.latent4j.transformer.zimage;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.transformer.layers.Timesteps;

/** The time's waves through two linear layers with SiLU between: (N, 256) → (N, out). */
final class TimeMlp extends NamedBlock implements Layer {
    private static final long HIDDEN = 1024;

    private final Linear in;
    private final Linear out;

    TimeMlp(long channels) {
        in = child("mlp.0", new Linear(Timesteps.CHANNELS, HIDDEN));
        out = child("mlp.2", new Linear(HIDDEN, channels));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return out.forward(pass, Ops.silu(in.forward(pass, x)));
    }
}
