package io.latent4j.server.api;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Lets a few threads at a time have images in memory, as each takes much of it, and a bounded number wait for that. A thread that
 * has its turn keeps it for whatever it does within.
 */
final class ImageTurns {
    private final Semaphore turns;
    private final int waiting;
    private final ThreadLocal<Boolean> held = ThreadLocal.withInitial(() -> false);

    /** @param waiting threads at most, about */
    ImageTurns(int atATime, int waiting) {
        this.turns = new Semaphore(atATime, true);
        this.waiting = waiting;
    }

    /**
     * Does the work in a turn.
     *
     * @throws ApiException if too many wait already
     */
    <T> T with(Supplier<T> work) {
        if (held.get()) {
            return work.get();
        }
        if (turns.availablePermits() == 0 && turns.getQueueLength() >= waiting) {
            throw new ApiException(503, "busy", "the server reads as many images as it can hold; try again later");
        }
        turns.acquireUninterruptibly();
        held.set(true);
        try {
            return work.get();
        } finally {
            held.remove();
            turns.release();
        }
    }
}
