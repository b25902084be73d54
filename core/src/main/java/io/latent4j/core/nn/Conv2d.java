package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** A square convolution: (N, in, H, W) → (N, out, H', W'), H' = (H + 2·padding − kernel) / stride + 1. */
public final class Conv2d extends NamedBlock implements Projection {
    private static final Shape UNIT = new Shape(1, 1);
    private static final Shape NONE = new Shape(0, 0);

    private final Parameter weight;
    private final Parameter bias;
    private final Shape stride;
    private final Shape padding;

    public Conv2d(long in, long out, long kernel, long stride, long padding) {
        weight = parameter("weight", Parameter.Type.WEIGHT, out, in, kernel, kernel);
        bias = parameter("bias", Parameter.Type.BIAS, out);
        this.stride = new Shape(stride, stride);
        this.padding = new Shape(padding, padding);
    }

    /** A 3×3 convolution that keeps height and width. */
    public static Conv2d same3x3(long in, long out) {
        return new Conv2d(in, out, 3, 1, 1);
    }

    /** A 1×1 convolution: a linear map of the channels at each pixel. */
    public static Conv2d pointwise(long in, long out) {
        return new Conv2d(in, out, 1, 1, 0);
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return pass.adapt(this, x, conv(x, pass.value(weight, x), pass.value(bias, x), stride, padding));
    }

    @Override
    public NDArray lowRank(NDArray x, NDArray down, NDArray up) {
        return conv(conv(x, down, null, stride, padding), up, null, UNIT, NONE);
    }

    private static NDArray conv(NDArray x, NDArray weight, NDArray bias, Shape stride, Shape padding) {
        return ai.djl.nn.convolutional.Conv2d.conv2d(x, weight, bias, stride, padding)
                .singletonOrThrow();
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
        return new NDList(forward(Pass.training(store), in.singletonOrThrow()));
    }
}
