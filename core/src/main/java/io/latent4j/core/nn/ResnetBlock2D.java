package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;
import java.util.Optional;

/**
 * A residual block (<a href="https://arxiv.org/abs/1512.03385">He et al. 2015</a>): GroupNorm, SiLU and 3×3 convolution
 * twice, the time embedding added between, around a shortcut that is a 1×1 convolution where the widths differ.
 */
public final class ResnetBlock2D extends NamedBlock implements Layer {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final Optional<Linear> timeEmbProj;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Layer shortcut;

    private ResnetBlock2D(long in, long out, Optional<Long> timeChannels, long groups, double epsilon) {
        norm1 = child("norm1", new GroupNorm(groups, in, epsilon));
        conv1 = child("conv1", Conv2d.same3x3(in, out));
        timeEmbProj = timeChannels.map(t -> child("time_emb_proj", new Linear(t, out)));
        norm2 = child("norm2", new GroupNorm(groups, out, epsilon));
        conv2 = child("conv2", Conv2d.same3x3(out, out));
        shortcut = in == out ? (pass, x) -> x : child("conv_shortcut", Conv2d.pointwise(in, out));
    }

    /** A block that is told the time. */
    public static ResnetBlock2D timed(long in, long out, long timeChannels, long groups, double epsilon) {
        return new ResnetBlock2D(in, out, Optional.of(timeChannels), groups, epsilon);
    }

    /** A block without time, as autoencoders have them. */
    public static ResnetBlock2D timeless(long in, long out, long groups, double epsilon) {
        return new ResnetBlock2D(in, out, Optional.empty(), groups, epsilon);
    }

    /**
     * Applies the block.
     *
     * @param x features, (N, in, H, W)
     * @param temb time embedding, (N, timeChannels)
     * @return features, (N, out, H, W)
     * @throws java.util.NoSuchElementException on a {@link #timeless} block
     */
    public NDArray forward(Pass pass, NDArray x, NDArray temb) {
        return pass.stage(
                (within, in) -> {
                    NDArray h = conv1.forwardNormalized(within, norm1, in.get(0));
                    NDArray time = timeEmbProj.orElseThrow().forward(within, Ops.silu(in.get(1)));
                    h.addi(time.reshape(time.getShape().get(0), -1, 1, 1));
                    return residual(within, in.get(0), h);
                },
                x,
                temb);
    }

    /** Applies a {@link #timeless} block: (N, in, H, W) → (N, out, H, W). */
    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return pass.stage(
                (within, in) -> residual(within, in.get(0), conv1.forwardNormalized(within, norm1, in.get(0))), x);
    }

    /** The second half; closes {@code h} as soon as it is used up. */
    private NDArray residual(Pass pass, NDArray x, NDArray h) {
        NDArray y = conv2.forwardNormalized(pass, norm2, h);
        h.close();
        return y.addi(shortcut.forward(pass, x));
    }
}
