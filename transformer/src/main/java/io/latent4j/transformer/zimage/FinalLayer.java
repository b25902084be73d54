package io.latent4j.transformer.zimage;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TransformerOps;

/** From tokens to patches: a normalization that is scaled by the time, and a linear layer. */
final class FinalLayer extends NamedBlock {
    private static final double EPSILON = 1e-6;

    private final Linear linear;
    private final Linear modulation;

    FinalLayer(ZImageTransformer2DConfig config, long out) {
        linear = child("linear", new Linear(config.width(), out));
        modulation = child("adaLN_modulation.1", new Linear(config.timeChannels(), config.width()));
    }

    /** (N, tokens, C), (N, timeChannels) → (N, tokens, out). */
    NDArray forward(Pass pass, NDArray x, NDArray temb) {
        NDArray scale = modulation.forward(pass, Ops.silu(temb));
        NDArray none = scale.sub(scale);
        return linear.forward(pass, TransformerOps.modulatedNorm(x, none, scale, EPSILON));
    }
}
