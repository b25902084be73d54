package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Optional;

/**
 * What one forward pass needs besides its inputs: where parameter values come from, and the adapters. Immutable.
 *
 * @param store the trainer's parameters; empty in inference, where a block's own arrays are used
 * @param adapters applied in order to every {@link Projection}
 */
public record Pass(Optional<ParameterStore> store, List<Adapter> adapters) {

    public Pass {
        adapters = List.copyOf(adapters);
    }

    /** A pass over the arrays that were loaded, without adapters. */
    public static Pass inference() {
        return new Pass(Optional.empty(), List.of());
    }

    /** A pass whose parameter values come from a trainer's store. */
    public static Pass training(ParameterStore store) {
        return new Pass(Optional.of(store), List.of());
    }

    /** This pass with these adapters instead. */
    public Pass withAdapters(List<? extends Adapter> adapters) {
        return new Pass(store, List.copyOf(adapters));
    }

    /** The value of {@code parameter} on the device of {@code like}. */
    NDArray value(Parameter parameter, NDArray like) {
        return store.map(s -> s.getValue(parameter, like.getDevice(), true)).orElseGet(parameter::getArray);
    }

    /** Lets each adapter add its share to {@code y}, the output of {@code layer} for the input {@code x}. */
    NDArray adapt(Projection layer, NDArray x, NDArray y) {
        NDArray adapted = y;
        for (Adapter adapter : adapters) {
            adapted = adapter.adapt(layer, x, adapted);
        }
        return adapted;
    }
}
