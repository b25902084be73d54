package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.latent4j.core.cache.StepCache;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.ops.Ops;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What one forward pass needs besides its inputs: where parameter values come from, and the adapters. Immutable.
 *
 * @param store the trainer's parameters; empty in inference, where a block's own arrays are used
 * @param adapters applied in order to every {@link Projection}
 * @param recomputation keeps what it takes to run stages again, instead of what their gradient needs; empty to have the
 *     latter kept
 * @param precision what parameters are converted to where they are used; empty to use them as they are
 * @param perturbation which attention is left out, if any is
 * @param norms statistics that group normalizations use instead of their input's own; empty for their own
 * @param cache what earlier evaluations of the same run left
 */
public record Pass(
        Optional<ParameterStore> store,
        List<Adapter> adapters,
        Optional<Recomputation> recomputation,
        Optional<DataType> precision,
        Optional<Perturbation> perturbation,
        Optional<SharedNorms> norms,
        StepCache cache) {

    public Pass {
        adapters = List.copyOf(adapters);
    }

    /** A pass over the arrays that were loaded, without adapters. */
    public static Pass inference() {
        return plain(Optional.empty());
    }

    /** A pass whose parameter values come from a trainer's store. */
    public static Pass training(ParameterStore store) {
        return plain(Optional.of(store));
    }

    private static Pass plain(Optional<ParameterStore> store) {
        return new Pass(
                store,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                StepCache.NONE);
    }

    /** This pass with these adapters instead. */
    public Pass withAdapters(List<? extends Adapter> adapters) {
        return new Pass(store, List.copyOf(adapters), recomputation, precision, perturbation, norms, cache);
    }

    /** This pass with attention left out. */
    public Pass withPerturbation(Perturbation perturbation) {
        return new Pass(store, adapters, recomputation, precision, Optional.of(perturbation), norms, cache);
    }

    /** This pass with stages that are computed anew for their gradient. */
    public Pass recomputing(Recomputation recomputation) {
        return new Pass(store, adapters, Optional.of(recomputation), precision, perturbation, norms, cache);
    }

    /**
     * This pass in another precision than the parameters': inputs {@link #enter}, results {@link #leave}, and gradients reach
     * the parameters in their own.
     */
    public Pass in(DataType precision) {
        return new Pass(store, adapters, recomputation, Optional.of(precision), perturbation, norms, cache);
    }

    /** This pass whose group normalizations share these statistics. */
    public Pass sharing(SharedNorms norms) {
        return new Pass(store, adapters, recomputation, precision, perturbation, Optional.of(norms), cache);
    }

    /** This pass of a run that reuses what its earlier evaluations left in {@code cache}. */
    public Pass caching(StepCache cache) {
        return new Pass(store, adapters, recomputation, precision, perturbation, norms, cache);
    }

    /** A network's input in the precision of this pass; {@code x} itself where it has none. */
    public NDArray enter(NDArray x) {
        return precision.map(type -> Ops.cast(x, type)).orElse(x);
    }

    /** A network's result in float32; {@code y} itself where this pass has no precision. */
    public NDArray leave(NDArray y) {
        return precision.isPresent() ? Ops.cast(y, DataType.FLOAT32) : y;
    }

    /**
     * Runs a stage of a network, a part that keeps nothing but its result: {@code body} is given the pass and the arrays it
     * is to work with, those of {@code inputs} or stand-ins for them.
     */
    public NDArray stage(BiFunction<Pass, List<NDArray>, NDArray> body, NDArray... inputs) {
        if (recomputation.isEmpty()) {
            return Scopes.scoped(() -> body.apply(this, List.of(inputs)));
        }
        Pass within = new Pass(store, adapters, Optional.empty(), precision, perturbation, norms, cache);
        return recomputation.get().run(values -> body.apply(within, values), List.of(inputs));
    }

    /** The value of {@code parameter} on the device of {@code like}, in the precision of this pass. */
    public NDArray value(Parameter parameter, NDArray like) {
        return enter(stored(parameter, like));
    }

    /** The array of {@code parameter} on the device of {@code like}, as it is. */
    NDArray stored(Parameter parameter, NDArray like) {
        return store.map(s -> s.getValue(parameter, like.getDevice(), true)).orElseGet(parameter::getArray);
    }

    /** How many of the {@code samples} in a batch attend in {@code layer}, from the first. */
    long attending(Attention layer, long samples) {
        return perturbation
                .filter(p -> p.concerns(layer))
                .map(p -> Math.min(p.first(), samples))
                .orElse(samples);
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
