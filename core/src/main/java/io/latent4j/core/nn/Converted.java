package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.ParameterOps;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Numbers in another floating-point type than the layer computes in, as a rule a narrower one: they are converted each time
 * they are used.
 *
 * @param compute the type that the layer computes in
 */
record Converted(DataType compute) implements WeightForm {

    @Override
    public NDArray dense(NDArray stored, Optional<DataType> type) {
        return Ops.cast(stored, type.orElse(compute));
    }

    @Override
    public NDArray rows(NDArray stored, Optional<DataType> type, UnaryOperator<NDArray> some) {
        return dense(some.apply(stored), type);
    }

    @Override
    public NDArray computed(NDArray stored, NDArray x) {
        return Ops.cast(x, compute);
    }

    @Override
    public void replace(NDArray stored, NDArray numbers) {
        ParameterOps.copy(List.of(stored), List.of(Ops.castLike(numbers, stored)));
    }

    @Override
    public List<NDArray> others() {
        return List.of();
    }
}
