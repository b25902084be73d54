package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.nn.FeedForward;
import io.latent4j.core.nn.LayerNorm;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.List;

/** Tokens attend to each other, then to the context, then pass a feed-forward layer, each around a residual. */
final class BasicTransformerBlock extends NamedBlock {
    private static final double EPSILON = 1e-5;

    private final LayerNorm norm1;
    private final Attention attn1;
    private final LayerNorm norm2;
    private final Attention attn2;
    private final LayerNorm norm3;
    private final FeedForward feedForward;

    BasicTransformerBlock(long channels, long heads, long contextChannels) {
        norm1 = child("norm1", new LayerNorm(channels, EPSILON));
        attn1 = child("attn1", new Attention(channels, channels, heads, false));
        norm2 = child("norm2", new LayerNorm(channels, EPSILON));
        attn2 = child("attn2", new Attention(channels, contextChannels, heads, false));
        norm3 = child("norm3", new LayerNorm(channels, EPSILON));
        feedForward = child("ff", new FeedForward(channels, FeedForward.Activation.GEGLU));
    }

    /** {@code x}: (N, tokens, C), {@code context}: (N, words, contextChannels). */
    NDArray forward(Pass pass, NDArray x, NDArray context) {
        return pass.stage(this::forward, x, context);
    }

    private NDArray forward(Pass pass, List<NDArray> in) {
        NDArray x = in.get(0);
        NDArray seen = scoped(() -> {
            NDArray h = norm1.forward(pass, x);
            return attn1.forward(pass, h, h).addi(x);
        });
        NDArray read = scoped(() -> pass.cache()
                .attend(attn2, seen, () -> attn2.forward(pass, norm2.forward(pass, seen), in.get(1)))
                .addi(seen));
        seen.close();
        return scoped(() -> feedForward.forward(pass, norm3.forward(pass, read)).addi(read));
    }
}
