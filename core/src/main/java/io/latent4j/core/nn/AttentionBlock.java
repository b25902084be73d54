package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * Attention of every pixel to every pixel of the same image, around a residual: group normalization, multi-head
 * attention with biases, sum. (N, C, H, W) → same.
 */
public final class AttentionBlock extends NamedBlock implements Layer {
    private final GroupNorm groupNorm;
    private final Attention attention;

    /**
     * A block with heads of any width.
     *
     * @param channels of the image; those of all heads together may differ
     * @param headChannels of one head
     * @param groups of the normalization
     */
    public AttentionBlock(long channels, long heads, long headChannels, long groups, double epsilon) {
        groupNorm = child("group_norm", new GroupNorm(groups, channels, epsilon));
        attention = inline(new Attention(channels, channels, heads, headChannels, true));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return pass.stage(
                (within, in) -> {
                    NDArray tokens = tokens(groupNorm.forward(within, in.get(0))); // (N, H·W, C)
                    NDArray attended = attention.forward(within, tokens, tokens);
                    return pixels(attended, in.get(0)).add(in.get(0));
                },
                x);
    }

    /** (N, C, H, W) → (N, H·W, C), a view. */
    public static NDArray tokens(NDArray pixels) {
        return pixels.flatten(2, 3).transpose(0, 2, 1);
    }

    /** (N, H·W, C) → (N, C, H, W) with the height and width of {@code like}; a view where a convolution reads it as it lies. */
    public static NDArray pixels(NDArray tokens, NDArray like) {
        long height = like.getShape().get(2);
        long width = like.getShape().get(3);
        NDArray channels = tokens.transpose(0, 2, 1);
        return (like.getDevice().isGpu() ? Ops.contiguous(channels) : channels)
                .reshape(tokens.getShape().get(0), -1, height, width);
    }
}
