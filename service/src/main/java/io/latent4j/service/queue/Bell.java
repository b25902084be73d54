package io.latent4j.service.queue;

import java.time.Duration;

/** Wakes threads that wait for work. One that was rung since a thread last looked does not let it wait. */
final class Bell {
    private long rings;

    synchronized void ring() {
        rings++;
        notifyAll();
    }

    /** How often it was rung, for {@link #await}. */
    synchronized long rings() {
        return rings;
    }

    /**
     * Waits until it is rung more often than {@code seen}, or for so long. An interrupt ends the wait.
     *
     * @param atMost more than nothing
     */
    synchronized void await(long seen, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try {
            for (long left = atMost.toMillis();
                    rings == seen && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            return; // whoever waits looks again at what it is to do
        }
    }
}
