package io.latent4j.service.registry;

import io.latent4j.core.memory.Leases;
import io.latent4j.pipeline.model.Model;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** A model and what was opened for it, until it is closed. */
final class OpenModel {
    private final Model model;
    private final Leases leases;
    private final Map<Object, Object> parts = new HashMap<>();
    private final Deque<Runnable> closing = new ArrayDeque<>();

    OpenModel(Model model) {
        this.model = model;
        this.leases = new Leases("the model " + model.name());
    }

    Model model() {
        return model;
    }

    Leases.Lease lease() {
        return leases.lease();
    }

    /** What was opened under {@code key}, which is opened now if it was not; others wait meanwhile. */
    <T> T part(Class<T> type, Object key, PartOpener<T> opener, Closer<T> closer) throws IOException {
        synchronized (parts) {
            Object there = parts.get(key);
            if (there != null) {
                return type.cast(there);
            }
            T opened = opener.open(model);
            parts.put(key, opened);
            closing.push(() -> closer.close(opened));
            return opened;
        }
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
                model.close();
            }
        });
    }
}
