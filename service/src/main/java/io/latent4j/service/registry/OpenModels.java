package io.latent4j.service.registry;

import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.pipeline.run.NotEnoughMemoryException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models in memory: each is opened when it is first used, one at a time, shared by all who use it, and closed when others need
 * the room and nobody uses it, the one that was used least recently first. Any number of threads may use it.
 */
final class OpenModels {
    private static final Logger LOGGER = LoggerFactory.getLogger(OpenModels.class);
    private static final double GIB = 1L << 30;

    private final long budget;
    private final List<Slot<?>> slots = new CopyOnWriteArrayList<>();
    private final AtomicLong uses = new AtomicLong();
    private final Object opening = new Object();
    private volatile boolean closed;

    /** @param budget bytes of weights that may be in memory */
    OpenModels(long budget) {
        this.budget = budget;
    }

    /** Where a model of one name is, or will be. */
    static final class Slot<M> {
        private final String name;
        private Optional<OpenModel<M>> open = Optional.empty();
        private long bytes;
        private long lastUse;

        private Slot(String name) {
            this.name = name;
        }

        synchronized boolean isOpen() {
            return open.isPresent();
        }

        private synchronized boolean isIdle() {
            return open.filter(model -> model.users() == 0).isPresent();
        }

        private synchronized long bytes() {
            return open.isPresent() ? bytes : 0;
        }

        private synchronized long lastUse() {
            return lastUse;
        }

        /** The model with one user more, if it is open. */
        private synchronized Optional<OpenModel.Use<M>> use(long use) {
            lastUse = use;
            return open.map(OpenModel::use);
        }

        private synchronized OpenModel.Use<M> use(OpenModel<M> model, long bytes, long use) {
            this.open = Optional.of(model);
            this.bytes = bytes;
            this.lastUse = use;
            return model.use();
        }

        /** Takes the model out if nobody uses it. */
        private synchronized Optional<OpenModel<M>> takeIdle() {
            return isIdle() ? take() : Optional.empty();
        }

        private synchronized Optional<OpenModel<M>> take() {
            Optional<OpenModel<M>> taken = open;
            open = Optional.empty();
            return taken;
        }
    }

    /** A place for a model that is not open yet. */
    <M> Slot<M> slot(String name) {
        Slot<M> slot = new Slot<>(name);
        slots.add(slot);
        return slot;
    }

    /** How much memory a model will take. */
    @FunctionalInterface
    interface Size {
        long bytes() throws IOException;
    }

    /**
     * Begins a use of a model; others that want to open one wait meanwhile.
     *
     * @throws NotEnoughMemoryException before it is opened, if it does not fit beside those that are used
     * @throws ResourceClosedException if this is closed
     */
    <M> OpenModel.Use<M> use(Slot<M> slot, Size size, OpenModel.Opening<OpenModel<M>> opener) throws IOException {
        checkOpen();
        Optional<OpenModel.Use<M>> shared = slot.use(uses.incrementAndGet());
        if (shared.isPresent()) {
            return shared.get();
        }
        synchronized (opening) {
            checkOpen();
            Optional<OpenModel.Use<M>> meanwhile = slot.use(uses.incrementAndGet());
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            long bytes = size.bytes();
            makeRoom(slot.name, bytes);
            OpenModel<M> model = opener.open();
            if (closed) {
                model.close();
                checkOpen();
            }
            return slot.use(model, bytes, uses.incrementAndGet());
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new ResourceClosedException("the registry of models is closed; expected it open");
        }
    }

    private void makeRoom(String name, long bytes) {
        long used = slots.stream()
                .filter(slot -> !slot.isIdle())
                .mapToLong(Slot::bytes)
                .sum();
        if (bytes > budget - used) {
            throw new NotEnoughMemoryException(String.format(
                    Locale.ROOT,
                    "the model %s takes %.1f GiB of memory, and of the %.1f GiB for models %.1f are used by those at work;"
                            + " expected a smaller model, weights of fewer bytes, or more memory for models",
                    name,
                    bytes / GIB,
                    budget / GIB,
                    used / GIB));
        }
        List<Slot<?>> oldest = slots.stream()
                .filter(Slot::isIdle)
                .sorted(Comparator.comparingLong(Slot::lastUse))
                .toList();
        for (Slot<?> slot : oldest) {
            if (slots.stream().mapToLong(Slot::bytes).sum() <= budget - bytes) {
                return;
            }
            slot.takeIdle().ifPresent(model -> {
                LOGGER.info("the model {} is closed to make room for {}", slot.name, name);
                model.close();
            });
        }
    }

    /** Refuses uses, asks users to stop, waits for them and closes the models, and one that is being opened. */
    void close() {
        closed = true;
        synchronized (opening) {
            LOGGER.debug("no model is being opened any more");
        }
        slots.forEach(slot -> slot.take().ifPresent(OpenModel::close));
    }
}
