package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.latent4j.core.ops.Convolutions;
import io.latent4j.core.ops.Ops;

/** Group normalization (<a href="https://arxiv.org/abs/1803.08494">Wu &amp; He 2018</a>): (N, C, …) → same. */
public final class GroupNorm extends NamedBlock implements Layer {
    private final long groups;
    private final double epsilon;
    private final Parameter weight;
    private final Parameter bias;

    public GroupNorm(long groups, long channels, double epsilon) {
        this.groups = groups;
        this.epsilon = epsilon;
        weight = parameter("weight", Parameter.Type.GAMMA, channels);
        bias = parameter("bias", Parameter.Type.BETA, channels);
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        if (pass.norms().isPresent()) {
            return pass.norms().get().apply(this, pass, x);
        }
        return Ops.groupNorm(x, groups, pass.value(weight, x), pass.value(bias, x), epsilon);
    }

    /** SiLU of {@link #forward}, in one operator. */
    public NDArray forwardSilu(Pass pass, NDArray x) {
        if (pass.norms().isPresent()) {
            return Ops.silu(forward(pass, x));
        }
        return Ops.groupNormSilu(x, groups, pass.value(weight, x), pass.value(bias, x), epsilon);
    }

    /** {@link #forwardSilu} and a convolution of {@code w} and {@code b}, or {@code null}, that keeps the size. */
    NDArray forwardSiluConvolve(Pass pass, NDArray x, NDArray w, NDArray b) {
        return Convolutions.groupNormSiluConvolve(x, groups, pass.value(weight, x), pass.value(bias, x), epsilon, w, b);
    }

    /** The scale and the shift of each channel, (2, C), that would normalize the inner part of the whole batch {@code x}. */
    NDArray scaleAndShift(Pass pass, NDArray x) {
        return Ops.innerScaleAndShift(x, groups, pass.value(weight, x), pass.value(bias, x), epsilon);
    }
}
