package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.ParameterOps;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Numbers in the type that the layer computes in: they are used as they are. */
record Dense() implements WeightForm {

    @Override
    public NDArray dense(NDArray stored, Optional<DataType> type) {
        return type.map(wanted -> Ops.cast(stored, wanted)).orElse(stored);
    }

    @Override
    public NDArray rows(NDArray stored, Optional<DataType> type, UnaryOperator<NDArray> some) {
        return some.apply(dense(stored, type));
    }

    @Override
    public NDArray computed(NDArray stored, NDArray x) {
        return Ops.castLike(x, stored);
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
