package io.latent4j.service.registry;

import io.latent4j.core.memory.Leases;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A model and what was opened for it, until it is closed. */
final class OpenModel<M> {
    private final M model;
    private final Runnable free;
    private final Leases leases;
    private final AtomicInteger users = new AtomicInteger();
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

    /** How many uses have begun and not ended. */
    int users() {
        return users.get();
    }

    /** Begins a use. */
    Use<M> use() {
        Use<M> use = new Use<>(this, leases.lease());
        users.incrementAndGet();
        return use;
    }

    /** A use of the model, which ends when this is closed; closing it again has no effect. */
    static final class Use<M> implements AutoCloseable {
        private final OpenModel<M> open;
        private final Leases.Lease lease;
        private final AtomicBoolean ended = new AtomicBoolean();

        private Use(OpenModel<M> open, Leases.Lease lease) {
            this.open = open;
            this.lease = lease;
        }

        M model() {
            return open.model;
        }

        /** What was opened under {@code key} for the model, which is opened now if it was not. */
        <T> T part(Class<T> type, Object key, Opening<T> opening, Closer<T> closer) throws IOException {
            return open.part(type, key, opening, closer);
        }

        void check() {
            lease.check();
        }

        @Override
        public void close() {
            lease.close();
            if (!ended.getAndSet(true)) {
                open.users.decrementAndGet();
            }
        }
    }

    /** What was opened under {@code key}, which is opened now if it was not; others wait meanwhile. */
    private <T> T part(Class<T> type, Object key, Opening<T> opening, Closer<T> closer) throws IOException {
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

    /** Refuses new uses, asks users to stop, waits for them, and frees the parts before the model. */
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
