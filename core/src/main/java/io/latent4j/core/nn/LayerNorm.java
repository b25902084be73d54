package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;

/** Layer normalization (<a href="https://arxiv.org/abs/1607.06450">Ba et al. 2016</a>) over the last axis. */
public final class LayerNorm extends NamedBlock implements Layer {
    private final Shape normalized;
    private final float epsilon;
    private final Parameter weight;
    private final Parameter bias;

    public LayerNorm(long width, double epsilon) {
        normalized = new Shape(width);
        this.epsilon = (float) epsilon;
        weight = parameter("weight", Parameter.Type.GAMMA, width);
        bias = parameter("bias", Parameter.Type.BETA, width);
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return ai.djl.nn.norm.LayerNorm.layerNorm(x, normalized, pass.value(weight, x), pass.value(bias, x), epsilon)
                .singletonOrThrow();
    }
}
