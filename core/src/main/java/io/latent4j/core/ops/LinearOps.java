package io.latent4j.core.ops;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.CpuOperators.Kind;

/** Products with a layer's weight, all with gradients; their results belong to the first operand's manager. */
public final class LinearOps {
    /** Of oneDNN, which has no gradient: where one may be recorded, and for other types, libtorch's own. */
    private static final String ONEDNN = """
        recorded = ops.prim.requires_grad(x) or ops.prim.requires_grad(w) or BIASED
        if x.dtype == 6 and not (recorded and torch.is_grad_enabled()):
          scalars = annotate(List[Optional[number]], [])
          y = ops.mkldnn._linear_pointwise(x, w, BIAS, "none", scalars, "")
        else:
          y = torch.linear(x, w, BIAS)
        return y
        """;

    private LinearOps() {}

    /**
     * {@code x wᵀ + bias} of rows: (n, in) → (n, out).
     *
     * @param w (out, in)
     * @param bias (out), or null for none
     */
    public static NDArray linear(NDArray x, NDArray w, NDArray bias) {
        if (x.getDevice().isGpu() || !CpuOperators.uses(Kind.LINEAR, "onednn")) {
            return ai.djl.nn.core.Linear.linear(x, w, bias).singletonOrThrow();
        }
        return onednn(x, w, bias);
    }

    static NDArray onednn(NDArray x, NDArray w, NDArray bias) {
        if (bias == null) {
            return TorchOp.of("x, w", ONEDNN.replace("BIASED", "False").replace("BIAS", "None"))
                    .call(x, w);
        }
        return TorchOp.of(
                        "x, w, b",
                        ONEDNN.replace("BIASED", "ops.prim.requires_grad(b)").replace("BIAS", "b"))
                .call(x, w, bias);
    }
}
