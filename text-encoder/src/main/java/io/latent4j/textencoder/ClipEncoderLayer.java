package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.LayerNorm;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;

/**
 * A transformer layer that normalizes first: causal self-attention, then a perceptron, each added to what went in.
 * (B, N, width) → same.
 */
final class ClipEncoderLayer extends NamedBlock implements Layer {
    private final int heads;
    private final ClipTextConfig.Activation activation;
    private final LayerNorm norm1;
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear out;
    private final LayerNorm norm2;
    private final Linear fc1;
    private final Linear fc2;

    ClipEncoderLayer(ClipTextConfig config) {
        int width = config.width();
        heads = config.heads();
        activation = config.activation();
        norm1 = child("layer_norm1", new LayerNorm(width, config.layerNormEpsilon()));
        q = child("self_attn.q_proj", new Linear(width, width));
        k = child("self_attn.k_proj", new Linear(width, width));
        v = child("self_attn.v_proj", new Linear(width, width));
        out = child("self_attn.out_proj", new Linear(width, width));
        norm2 = child("layer_norm2", new LayerNorm(width, config.layerNormEpsilon()));
        fc1 = child("mlp.fc1", new Linear(width, config.mlpWidth()));
        fc2 = child("mlp.fc2", new Linear(config.mlpWidth(), width));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return pass.stage(
                (within, in) -> {
                    NDArray h = in.get(0).add(attention(within, norm1.forward(within, in.get(0))));
                    return h.add(perceptron(within, norm2.forward(within, h)));
                },
                x);
    }

    private NDArray attention(Pass pass, NDArray x) {
        NDArray attended = Ops.causalAttention(q.forward(pass, x), k.forward(pass, x), v.forward(pass, x), heads);
        return out.forward(pass, attended);
    }

    private NDArray perceptron(Pass pass, NDArray x) {
        return fc2.forward(pass, activation.apply(fc1.forward(pass, x)));
    }
}
