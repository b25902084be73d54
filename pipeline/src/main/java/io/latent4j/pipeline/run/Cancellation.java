package io.latent4j.pipeline.run;

import io.latent4j.core.memory.Leases;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Whether a run is to end.
 *
 * @param requested whether the caller asks for it; an interrupt of the running thread does so too
 * @param leases of all that the run uses; it ends where one of them is being closed
 */
public record Cancellation(BooleanSupplier requested, List<Leases.Lease> leases) {

    public Cancellation {
        leases = List.copyOf(leases);
    }

    /**
     * Does nothing unless the run is to end.
     *
     * @throws CancellationException if the run is to end
     * @throws io.latent4j.core.memory.ResourceClosedException if something that it uses is being closed
     */
    public void check() {
        leases.forEach(Leases.Lease::check);
        if (requested.getAsBoolean() || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("generation was cancelled");
        }
    }
}
