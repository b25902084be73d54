package io.latent4j.core.ops;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;

/** Products of matrices by the libraries that libtorch brings, one named each time: what a processor's speed is told by. */
public final class MatrixProducts {
    private static final String ONE_DNN = "MKLDNN"; // its name when libtorch was given it

    private static final int SIDE = 64;

    private MatrixProducts() {}

    /** {@code x · weightᵀ} by whatever libtorch takes for it: (N, in), (out, in) → (N, out). */
    public static NDArray byDefault(NDArray x, NDArray weight) {
        return TorchOp.of("x, w", "return torch.linear(x, w)").call(x, weight);
    }

    /**
     * {@code x · weightᵀ} by oneDNN: (N, in), (out, in) → (N, out).
     *
     * @see #hasOneDnn
     */
    public static NDArray byOneDnn(NDArray x, NDArray weight) {
        return TorchOp.of(
                        "x, w",
                        "return ops.mkldnn._linear_pointwise(x, w, None, \"none\","
                                + " annotate(List[Optional[number]], []), None)")
                .call(x, weight);
    }

    /** What {@link #byDefault} calls in float32 on a CPU: MKL where libtorch was built with it. */
    public static String defaultName(DataType dataType) {
        return dataType == DataType.FLOAT32 && JniUtils.getFeatures().contains("MKL") ? "MKL" : "libtorch";
    }

    /** Whether {@link #byOneDnn} multiplies arrays of {@code type} on the manager's device: found by trying. */
    public static boolean hasOneDnn(NDManager manager, DataType type) {
        if (manager.getDevice().isGpu()
                || !JniUtils.getFeatures().contains(ONE_DNN)
                || (type != DataType.FLOAT32 && type != DataType.BFLOAT16)) {
            return false;
        }
        try (NDArray ones = manager.ones(new Shape(1, SIDE));
                NDArray row = Ops.cast(ones, type);
                NDArray product = byOneDnn(row, row)) {
            return product.size() == 1;
        } catch (EngineException e) { // a processor without the instructions
            return false;
        }
    }
}
