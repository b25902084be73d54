package io.latent4j.training.batches;

import io.latent4j.training.data.Prefetcher;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Batches by number, made ahead on other threads as long as they are requested in order; for another number it begins anew
 * from there. For one thread.
 */
final class BatchPrefetcher<T> implements AutoCloseable {
    private static final int BATCHES = 2; // a thread

    private final Prefetcher.Maker<T> maker;
    private final int threads;
    private Optional<Prefetcher<T>> coming = Optional.empty();
    private long next;

    /** Makes nothing yet. */
    BatchPrefetcher(Prefetcher.Maker<T> maker, int threads) {
        this.maker = maker;
        this.threads = threads;
    }

    /**
     * Batch {@code number}.
     *
     * @throws IOException if an image cannot be read
     */
    T get(long number) throws IOException {
        if (coming.isEmpty() || number != next) {
            close();
            coming = Optional.of(new Prefetcher<>(maker, number, threads, BATCHES * threads));
        }
        next = number + 1;
        try {
            return coming.get().next();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for images");
        }
    }

    /** Ends the threads; what was made ahead is lost. */
    @Override
    public void close() {
        coming.ifPresent(Prefetcher::close);
        coming = Optional.empty();
    }
}
