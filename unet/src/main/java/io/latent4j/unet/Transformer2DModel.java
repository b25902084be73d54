package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.AttentionBlock;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.GroupNorm;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * Pixels as tokens through a stack of transformer blocks that read the text, around a residual (<a
 * href="https://arxiv.org/abs/2112.10752">Rombach et al. 2021</a>, section 3.3).
 */
final class Transformer2DModel extends NamedBlock implements SpatialAttention {
    private static final double EPSILON = 1e-6;

    private final boolean linear;
    private final GroupNorm norm;
    private final Layer projIn;
    private final List<BasicTransformerBlock> blocks = new ArrayList<>();
    private final Layer projOut;

    /**
     * A stack of blocks. Its tokens have as many channels as {@code heads} times the whole part of {@code channels / heads}.
     *
     * @param linear whether the projections are linear layers over tokens, as in SD 2 and XL, or 1×1 convolutions
     */
    Transformer2DModel(long channels, long heads, int layers, long contextChannels, long groups, boolean linear) {
        this.linear = linear;
        norm = child("norm", new GroupNorm(groups, channels, EPSILON));
        long inner = channels / heads * heads;
        projIn = projection("proj_in", channels, inner);
        for (int i = 0; i < layers; i++) {
            blocks.add(child("transformer_blocks." + i, new BasicTransformerBlock(inner, heads, contextChannels)));
        }
        projOut = projection("proj_out", inner, channels);
    }

    private Layer projection(String name, long in, long out) {
        return linear ? child(name, new Linear(in, out)) : child(name, Conv2d.pointwise(in, out));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x, NDArray context) {
        return scoped(() -> {
            NDArray tokens = scoped(() -> in(pass, norm.forward(pass, x))); // (N, H·W, C)
            for (BasicTransformerBlock block : blocks) {
                NDArray before = tokens;
                tokens = block.forward(pass, before, context);
                before.close();
            }
            return out(pass, tokens, x).addi(x);
        });
    }

    @Override
    public NamedBlock block() {
        return this;
    }

    private NDArray in(Pass pass, NDArray x) {
        return linear ? projIn.forward(pass, AttentionBlock.tokens(x)) : AttentionBlock.tokens(projIn.forward(pass, x));
    }

    private NDArray out(Pass pass, NDArray tokens, NDArray like) {
        return linear
                ? AttentionBlock.pixels(projOut.forward(pass, tokens), like)
                : projOut.forward(pass, AttentionBlock.pixels(tokens, like));
    }
}
