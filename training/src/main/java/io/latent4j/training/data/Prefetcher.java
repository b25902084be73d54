package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Makes batches ahead of time on threads of its own, and hands them out in order. For one thread, which also closes it.
 *
 * @param <T> what is made for a step
 */
public final class Prefetcher<T> implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final Maker<T> maker;
    private final int ahead;
    private final ExecutorService threads;
    private final Deque<Future<T>> coming = new ArrayDeque<>();
    private long nextStep;

    /** Makes what a step needs, on any thread, several at a time. */
    @FunctionalInterface
    public interface Maker<T> {
        T make(long step) throws IOException;
    }

    /**
     * Starts.
     *
     * @param firstStep the step of the first batch
     * @param threads that work, 1 or 2 for instance
     * @param ahead how many batches are ready or being made at most
     */
    public Prefetcher(Maker<T> maker, long firstStep, int threads, int ahead) {
        checkArgument(firstStep >= 0, "the first step is %s; expected 0 or more", firstStep);
        checkArgument(threads > 0, "%s threads; expected 1 or more", threads);
        checkArgument(ahead > 0, "%s batches ahead; expected 1 or more", ahead);
        this.maker = maker;
        this.ahead = ahead;
        this.nextStep = firstStep;
        this.threads = Executors.newFixedThreadPool(
                threads,
                new ThreadFactoryBuilder()
                        .setNameFormat("batches-%d")
                        .setDaemon(true)
                        .build());
        refill();
    }

    private void refill() {
        while (coming.size() < ahead) {
            long step = nextStep++;
            coming.add(threads.submit(() -> maker.make(step)));
        }
    }

    /**
     * The next batch; waits for it if need be.
     *
     * @throws IOException if an image could not be read, naming it
     * @throws InterruptedException if this thread is interrupted while it waits
     * @throws IllegalStateException if this is closed
     */
    public T next() throws IOException, InterruptedException {
        if (threads.isShutdown()) {
            throw new IllegalStateException("the prefetcher is closed; expected it open");
        }
        Future<T> first = coming.remove();
        refill();
        try {
            return first.get();
        } catch (ExecutionException e) {
            Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
            Throwables.throwIfUnchecked(e.getCause());
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Stops the threads and waits for them; batches that were made ahead are lost. Closing again does nothing. */
    @Override
    public void close() {
        threads.shutdownNow();
        coming.clear();
        try {
            threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
