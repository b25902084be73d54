package io.latent4j.core.memory;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts the users of a resource, so that it is never freed under them. A user takes a {@link Lease} for as long as it
 * uses the resource. {@link #close} refuses new leases, asks the users to stop by {@link Lease#check}, waits until the last
 * of them has closed its lease, and frees the resource then. Any number of threads may use this.
 */
public final class Leases {
    private final String what;
    private final Map<Thread, Integer> users = new HashMap<>();
    private boolean closing;
    private boolean closed;

    /**
     * Nobody uses the resource yet.
     *
     * @param what the resource is, for messages: {@code the model x}
     */
    public Leases(String what) {
        this.what = what;
    }

    /** The right to use a resource until this is closed, by the thread that took it. */
    public interface Lease extends AutoCloseable {

        /**
         * Does nothing while the resource stays open.
         *
         * @throws ResourceClosedException if the resource is being closed: the user is to stop soon
         */
        void check();

        @Override
        void close();
    }

    /**
     * The right to use the resource.
     *
     * @throws ResourceClosedException if it is closed, or being closed
     */
    public synchronized Lease take() {
        if (closing) {
            throw new ResourceClosedException(what + " is closed");
        }
        Thread user = Thread.currentThread();
        users.merge(user, 1, Integer::sum);
        return new Lease() {
            private boolean open = true;

            @Override
            public void check() {
                if (isClosing()) {
                    throw new ResourceClosedException(what + " was closed while it was used");
                }
            }

            @Override
            public void close() {
                if (open) {
                    open = false;
                    leave(user);
                }
            }
        };
    }

    private synchronized boolean isClosing() {
        return closing;
    }

    private synchronized void leave(Thread user) {
        users.merge(user, -1, (count, one) -> count + one == 0 ? null : count + one);
        notifyAll();
    }

    /**
     * Refuses new leases, waits until none is open, and frees the resource; does nothing if that was done. An interrupt of
     * the waiting thread does not end the wait, and is kept.
     *
     * @param free frees the resource; runs once
     * @throws IllegalStateException if this thread holds a lease itself, which would wait for ever
     */
    public void close(Runnable free) {
        boolean interrupted = false;
        synchronized (this) {
            if (users.containsKey(Thread.currentThread())) {
                throw new IllegalStateException(
                        what + " is to be closed by a thread that uses it; expected the end of its use before");
            }
            closing = true;
            while (!users.isEmpty()) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (!closed) {
                closed = true;
                free.run();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
