package io.latent4j.training.run;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.latent4j.core.nn.Pass;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Passes that end with a {@link CancellationException} at the next layer when they are to stop. */
final class StoppablePass {
    private StoppablePass() {}

    /** Returns {@code pass} over the same parameters, of which each asks {@code stopping} where it is used. */
    static Pass of(Pass pass, BooleanSupplier stopping) {
        return new Pass(
                Optional.of(new Store(stopping)),
                pass.adapters(),
                pass.recomputation(),
                pass.precision(),
                pass.perturbation(),
                pass.norms(),
                pass.cache());
    }

    /** Throws a {@link CancellationException} when {@code stopping} says so. */
    static void check(BooleanSupplier stopping) {
        if (stopping.getAsBoolean()) {
            throw new CancellationException("stopped before the first step");
        }
    }

    /** The blocks' own arrays. */
    private static final class Store extends ParameterStore {
        private final BooleanSupplier stopping;

        Store(BooleanSupplier stopping) {
            this.stopping = stopping;
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            check(stopping);
            return parameter.getArray();
        }
    }
}
