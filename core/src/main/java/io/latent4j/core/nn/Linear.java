package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.latent4j.core.ops.LinearOps;
import java.util.Optional;

/** {@code y = x Wᵀ + b} over the last axis: (…, in) → (…, out). */
public final class Linear extends NamedBlock implements Projection {
    private final Weight weight;
    private final Optional<Parameter> bias;

    public Linear(long in, long out) {
        this(in, out, true);
    }

    public Linear(long in, long out, boolean withBias) {
        weight = weight("weight", out, in);
        bias = withBias ? Optional.of(parameter("bias", Parameter.Type.BIAS, out)) : Optional.empty();
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        NDArray b = bias.map(p -> pass.value(p, x)).orElse(null);
        return pass.adapt(this, x, weight.use(pass, x, w -> linear(x, w, b)));
    }

    @Override
    public NDArray lowRank(NDArray x, NDArray down, NDArray up) {
        return linear(linear(x, down, null), up, null);
    }

    @Override
    public NDArray product(NDArray x, NDArray weight) {
        return linear(x, weight, null);
    }

    @Override
    public Weight weight() {
        return weight;
    }

    /** Over rows of one matrix, because libtorch adds the bias within the product then and in a second pass otherwise. */
    private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        Shape shape = x.getShape();
        if (shape.dimension() == 2) {
            return LinearOps.linear(x, weight, bias);
        }
        NDArray rows = x.reshape(-1, shape.get(shape.dimension() - 1));
        NDArray product = LinearOps.linear(rows, weight, bias);
        return product.reshape(
                shape.slice(0, shape.dimension() - 1).add(weight.getShape().get(0)));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
        return new NDList(forward(Pass.training(store), in.singletonOrThrow()));
    }
}
