package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How the numbers of a {@link Weight} are stored: what of them a layer, an adapter or a fuser asks for. A form of several
 * arrays holds those beside the first one itself. Results are of the caller's scope unless it is said otherwise.
 */
sealed interface WeightForm permits Dense, Converted {

    /**
     * The whole weight.
     *
     * @param stored the weight's first array
     * @param type to be in; empty for the type that the layer computes in
     * @return {@code stored} itself where it is that already
     */
    NDArray dense(NDArray stored, Optional<DataType> type);

    /**
     * Some rows of the weight, as {@link #dense}.
     *
     * @param some takes the same rows of any array that has as many as the weight
     */
    NDArray rows(NDArray stored, Optional<DataType> type, UnaryOperator<NDArray> some);

    /** {@code x} in the type that the layer computes in. */
    NDArray computed(NDArray stored, NDArray x);

    /** Stores other numbers, of any floating-point type, in place of those in {@code stored}. */
    void replace(NDArray stored, NDArray numbers);

    /** What is in memory besides {@code stored}. */
    List<NDArray> others();
}
