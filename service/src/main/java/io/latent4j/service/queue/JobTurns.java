package io.latent4j.service.queue;

import io.latent4j.service.JobFailedException;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobResult;
import io.latent4j.service.JobRunner;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.store.QueueFullException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs jobs on the threads of callers that wait for them, one after the other in the order in which they came. Nothing is kept:
 * a {@link JobQueue} is for jobs that others come back for.
 *
 * <p>Any number of threads may use it.
 */
public final class JobTurns implements AutoCloseable {
    private final JobRunner runner;
    private final int mostWaiting;
    private final Duration grace;
    private final Semaphore turn = new Semaphore(1, true);
    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean closed;

    /**
     * @param runner with a registry that stays the caller's, to be closed after this
     * @param mostWaiting how many callers may wait for their turn, 0 or more
     * @param grace how long {@link #close} waits for the job that runs
     */
    public JobTurns(JobRunner runner, int mostWaiting, Duration grace) {
        if (mostWaiting < 0) {
            throw new IllegalArgumentException(mostWaiting + " callers may wait; expected 0 or more");
        }
        this.runner = Objects.requireNonNull(runner, "runner");
        this.mostWaiting = mostWaiting;
        this.grace = Objects.requireNonNull(grace, "grace");
    }

    /**
     * Runs a job on this thread when those that came before are done. Images go to {@code listener} as they are finished.
     *
     * @throws InvalidJobException if the job cannot be run as it is described
     * @throws JobFailedException if its work failed, with the cause
     * @throws CancellationException if {@code listener} or an interrupt ended it, or the wait for its turn
     * @throws QueueFullException if too many wait already
     * @throws IllegalStateException if this is closed
     */
    public JobResult run(JobSpec spec, JobListener listener) {
        checkOpen();
        int before = inside.getAndIncrement();
        try {
            if (before > mostWaiting) {
                throw new QueueFullException(
                        "a job runs and " + mostWaiting + " more wait, as many as may; try again later", mostWaiting);
            }
            turn.acquire();
            try {
                checkOpen();
                return runner.run(spec, listener);
            } finally {
                turn.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            CancellationException cancelled = new CancellationException("the job was interrupted before its turn");
            cancelled.initCause(e);
            throw cancelled;
        } finally {
            inside.decrementAndGet();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this is closed; it runs no more jobs");
        }
    }

    /** How many wait and run. */
    public QueueStatus status() {
        int now = inside.get();
        int running = Math.min(1, now);
        return new QueueStatus(Math.min(now - running, mostWaiting), running, mostWaiting);
    }

    /** Whether jobs are accepted. */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Accepts no more jobs, refuses those that wait, and waits for the one that runs, but not longer than the grace. One that
     * runs then still ends when its registry is closed.
     */
    @Override
    public void close() {
        closed = true;
        try {
            if (turn.tryAcquire(grace.toNanos(), TimeUnit.NANOSECONDS)) {
                turn.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
