package io.latent4j.core.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.io.IOException;
import java.util.function.Supplier;

/**
 * Bounds how long intermediate arrays live: what a part of a network computes on the way is closed when the part is
 * done, so that the peak is one part's activations and not the whole network's.
 */
public final class Scopes {
    private Scopes() {}

    /**
     * Runs {@code body} and closes every array it made, except the one it returns, which belongs to the enclosing scope
     * as if it had been made there. An array of the caller's that {@code body} returns is left alone.
     *
     * <p>A recorded gradient keeps what operators computed, so this is safe in training too. It does not keep what {@code
     * body} made of Java arrays or numbers, by {@link ai.djl.ndarray.NDManager#create} or {@link NDArray#mul(Number)}: that
     * is Java's memory, which goes with the array. {@code Ops.array}, {@code Ops.mul} and {@code Ops.div} copy it.
     */
    @SuppressWarnings("try")
    public static NDArray scoped(Supplier<NDArray> body) {
        NDArray result;
        try (NDScope scope = new NDScope()) {
            result = body.get();
            NDScope.unregister(result);
        }
        NDScope.register(result);
        return result;
    }

    /**
     * Runs {@code body}, which makes arrays that are to outlive any scope that is open, such as weights. Other arrays that
     * it makes are closed.
     *
     * @param owner whose arrays stay open
     * @throws IOException if {@code body} throws it
     */
    @SuppressWarnings("try")
    public static <T> T outliving(NDManager owner, Loading<T> body) throws IOException {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            T loaded = body.load();
            owner.getManagedArrays().forEach(NDScope::unregister);
            return loaded;
        }
    }

    /** Loads something from files. */
    @FunctionalInterface
    public interface Loading<T> {

        /** The result, which holds arrays. */
        T load() throws IOException;
    }
}
