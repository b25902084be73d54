package io.latent4j.core.nn;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.latent4j.core.ops.Convolutions;
import io.latent4j.core.ops.Ops;
import java.util.Optional;

/** A square convolution: (N, in, H, W) → (N, out, H', W'), H' = (H + 2·padding − kernel) / stride + 1. */
public final class Conv2d extends NamedBlock implements Projection {
    /** Channels that the CPU's kernels take at a time. */
    private static final int BLOCK = 16;

    private final long in;
    private final boolean keepsSize;
    private final Weight weight;
    private final Optional<Parameter> bias;
    private final long stride;
    private final long padding;

    public Conv2d(long in, long out, long kernel, long stride, long padding) {
        this(in, out, kernel, stride, padding, true);
    }

    public Conv2d(long in, long out, long kernel, long stride, long padding, boolean withBias) {
        this.in = in;
        keepsSize = stride == 1 && kernel == 2 * padding + 1;
        weight = weight("weight", out, in, kernel, kernel);
        bias = withBias ? Optional.of(parameter("bias", Parameter.Type.BIAS, out)) : Optional.empty();
        this.stride = stride;
        this.padding = padding;
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
        return pass.adapt(this, x, weight.use(pass, x, w -> conv(x, w, bias(pass, x), stride, padding)));
    }

    /**
     * Doubles height and width by repeating pixels, and convolves: (N, in, H, W) → (N, out, 2H, 2W). For 3×3 convolutions
     * that keep the size.
     */
    public NDArray forwardUpsampled(Pass pass, NDArray x) {
        if (keepsSize && pass.adapters().isEmpty()) {
            return weight.use(pass, x, w -> inBlocks(x, w, bias(pass, x), Convolutions::upsampleConvolve));
        }
        Shape shape = x.getShape();
        return scoped(() -> forward(pass, Ops.upsampleNearest(x, 2 * shape.get(2), 2 * shape.get(3))));
    }

    /** Normalizes, applies SiLU, and convolves: (N, in, H, W) → (N, out, H', W'). */
    public NDArray forwardNormalized(Pass pass, GroupNorm norm, NDArray x) {
        if (keepsSize
                && missing(in) == 0
                && pass.adapters().isEmpty()
                && pass.norms().isEmpty()) {
            return weight.use(
                    pass,
                    x,
                    own -> inBlocks(x, own, bias(pass, x), (y, w, b) -> norm.forwardSiluConvolve(pass, y, w, b)));
        }
        return scoped(() -> forward(pass, norm.forwardSilu(pass, x)));
    }

    /** The bias, or {@code null} where there is none. */
    private NDArray bias(Pass pass, NDArray x) {
        return bias.map(p -> pass.value(p, x)).orElse(null);
    }

    @Override
    public NDArray lowRank(NDArray x, NDArray down, NDArray up) {
        return conv(conv(x, down, null, stride, padding), up, null, 1, 0);
    }

    @Override
    public NDArray product(NDArray x, NDArray weight) {
        return conv(x, weight, null, stride, padding);
    }

    @Override
    public Weight weight() {
        return weight;
    }

    private static NDArray conv(NDArray x, NDArray weight, NDArray bias, long stride, long padding) {
        return inBlocks(x, weight, bias, (filled, w, b) -> Convolutions.convolve(filled, w, b, stride, padding));
    }

    /**
     * Convolves by one of libtorch's kernels. Those for CPUs take channels in blocks, of {@value #BLOCK} at most. What is
     * missing from a block they leave as the memory was on some machines, so results may be no numbers, and gradients are
     * wrong. So it is filled with zeros here: output channels too, as a gradient's convolution reads those. In published
     * models only the first and the last convolution have channels that do not fill their blocks.
     */
    private static NDArray inBlocks(NDArray x, NDArray weight, NDArray bias, Kernel kernel) {
        Shape shape = weight.getShape();
        long missingIn = missing(shape.get(1));
        long missingOut = missing(shape.get(0));
        if (x.getDevice().isGpu() || shape.get(2) == 1 || missingIn + missingOut == 0) {
            return kernel.convolve(x, weight, bias);
        }
        return scoped(() -> {
            NDArray w = filled(filled(weight, 1, missingIn), 0, missingOut);
            NDArray b = bias == null ? null : filled(bias, 0, missingOut);
            NDArray y = kernel.convolve(filled(x, 1, missingIn), w, b);
            return missingOut == 0 ? y : y.get(new NDIndex(":, :{}", shape.get(0)));
        });
    }

    /** A convolution of {@code x}, (N, in, H, W), by a weight, (out, in, k, k), and a bias, (out), or {@code null}. */
    private interface Kernel {
        NDArray convolve(NDArray x, NDArray weight, NDArray bias);
    }

    /** How many channels the last block has not. */
    private static long missing(long channels) {
        return Math.floorMod(-channels, BLOCK);
    }

    /** {@code x} with so many zeros behind it along an axis. */
    private static NDArray filled(NDArray x, int axis, long zeros) {
        if (zeros == 0) {
            return x;
        }
        long[] shape = x.getShape().getShape().clone();
        shape[axis] = zeros;
        return x.concat(Ops.castLike(x.getManager().zeros(new Shape(shape)), x), axis);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
        return new NDList(forward(Pass.training(store), in.singletonOrThrow()));
    }
}
