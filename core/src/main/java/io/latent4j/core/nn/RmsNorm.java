package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.latent4j.core.ops.Ops;

/**
 * Root mean square normalization over the last axis (<a href="https://arxiv.org/abs/1910.07467">Zhang &amp; Sennrich
 * 2019</a>), which centres nothing and has no bias: (…, width) → same.
 */
public final class RmsNorm extends NamedBlock implements Layer {
    private final double epsilon;
    private final Parameter weight;

    public RmsNorm(long width, double epsilon) {
        this.epsilon = epsilon;
        weight = parameter("weight", Parameter.Type.GAMMA, width);
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return Ops.rmsNorm(x, pass.value(weight, x), epsilon);
    }
}
