package io.latent4j.core.memory;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts the users of a resource that is closed once, native memory for instance, so that it is never freed while it is
 * used. Any number of threads may hold leases at a time; {@link #close} refuses new ones, asks
 * users to stop by {@link Lease#check}, waits until those there are have
 * been returned, and then frees the resource.
 */
public final class Leases {
    private final String resource;
    private final Map<Thread, Integer> holders = new HashMap<>();
    private boolean closing;
    private boolean freed;

    /**
     * Nobody uses the resource yet.
     *
     * @param resource what to call it in messages
     */
    public Leases(String resource) {
        this.resource = resource;
    }

    /** A use of the resource, which ends when this is closed; closing it again has no effect. */
    public final class Lease implements AutoCloseable {
        private final Thread holder = Thread.currentThread();
        private boolean returned;

        private Lease() {}

        /**
         * Does nothing while the resource stays open.
         *
         * @throws ResourceClosedException if it is being closed: its user is to stop soon
         */
        public void check() {
            if (isClosed()) {
                throw new ResourceClosedException(resource + " was closed while it was used");
            }
        }

        @Override
        public void close() {
            synchronized (holders) {
                if (!returned) {
                    returned = true;
                    holders.merge(holder, -1, (count, one) -> count + one == 0 ? null : count + one);
                    holders.notifyAll();
                }
            }
        }
    }

    /**
     * Begins a use of the resource.
     *
     * @throws ResourceClosedException if it is closed, or is being closed and this thread holds no lease yet
     */
    public Lease lease() {
        synchronized (holders) {
            if (freed || (closing && !holders.containsKey(Thread.currentThread()))) {
                throw new ResourceClosedException(
                        resource + " is closed; expected it open; close it after its last use");
            }
            holders.merge(Thread.currentThread(), 1, Integer::sum);
            return new Lease();
        }
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        synchronized (holders) {
            return closing;
        }
    }

    /**
     * Waits for the leases there are and runs {@code free}, once: where another thread has closed it already, this waits
     * until it is free and has no other effect. An interrupt does not end the wait, and stays set.
     *
     * @throws IllegalStateException if this thread holds a lease itself, which could never be returned; nothing is closed then
     */
    public void close(Runnable free) {
        boolean interrupted = false;
        try {
            synchronized (holders) {
                if (holders.containsKey(Thread.currentThread())) {
                    throw new IllegalStateException(
                            resource + " is in use by the thread that closes it; close it after its use has ended");
                }
                boolean first = !closing;
                closing = true;
                while (first ? !holders.isEmpty() : !freed) {
                    try {
                        holders.wait();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                if (first) {
                    try {
                        free.run();
                    } finally {
                        freed = true;
                        holders.notifyAll();
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
