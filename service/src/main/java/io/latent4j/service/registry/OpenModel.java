package io.latent4j.service.registry;

import io.latent4j.core.memory.Leases;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** A model and what was opened for it, until it is closed. */
final class OpenModel<M> {
    private final M model;
    private final Runnable free;
    private final Leases leases;
    private final Map<Object, Object> parts = new HashMap<>();
    private final Deque<Runnable> closing = new ArrayDeque<>();

    /** @param free frees the model */
    OpenModel(String name, M model, Runnable free) {
        this.model = model;
        this.free = free;
        this.leases = new Leases("the model " + name);
    }

    M model() {
        return model;
    }

    Leases.Lease lease() {
        return leases.lease();
    }

    /** What was opened under {@code key}, which is opened now if it was not; others wait meanwhile. */
    <T> T part(Class<T> type, Object key, Opening<T> opening, Closer<T> closer) throws IOException {
        synchronized (parts) {
            Object there = parts.get(key);
            if (there != null) {
                return type.cast(there);
            }
            T opened = opening.open();
            parts.put(key, opened);
            closing.push(() -> closer.close(opened));
            return opened;
        }
    }

    /** Opens something. */
    @FunctionalInterface
    interface Opening<T> {
        T open() throws IOException;
    }

    /** Frees what was opened. */
    @FunctionalInterface
    interface Closer<T> {
        void close(T opened);
    }

    /** Refuses new leases, asks users to stop, waits for them, and frees the parts before the model. */
    void close() {
        leases.close(() -> {
            try {
                closing.forEach(Runnable::run);
            } finally {
                free.run();
            }
        });
    }
}
