package io.latent4j.service;

import io.latent4j.service.job.JobSpec;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** A handle of a job that runs on another thread, or waits to. */
public final class Job {
    private final JobSpec spec;
    private final CompletableFuture<JobResult> result = new CompletableFuture<>();
    private volatile boolean cancelled;
    private volatile State state = State.WAITING;

    /** Where a job is. */
    public enum State {
        /** It has not begun. */
        WAITING,
        /** It runs. */
        RUNNING,
        /** All images are made. */
        DONE,
        /** It ended with an error. */
        FAILED,
        /** It was cancelled. */
        CANCELLED
    }

    Job(JobSpec spec) {
        this.spec = spec;
    }

    /** What it is to make. */
    public JobSpec spec() {
        return spec;
    }

    /** Where it is. */
    public State state() {
        return state;
    }

    /** Asks the job to end, which it does within one step; one that waits never begins. One that has ended stays as it is. */
    public void cancel() {
        cancelled = true;
    }

    /** Whether {@link #cancel} was called. */
    boolean isCancelled() {
        return cancelled;
    }

    /**
     * What comes of it. Where it does not end well, {@code join} throws a {@link
     * java.util.concurrent.CompletionException} whose cause is an {@link io.latent4j.service.job.InvalidJobException}, a
     * {@link JobFailedException} or a {@link CancellationException}. Completing or cancelling this future does not end the
     * job.
     */
    public CompletableFuture<JobResult> result() {
        return result.copy();
    }

    /** Runs {@code work}, unless the job was cancelled before. */
    void run(Work work) {
        state = State.RUNNING;
        try {
            JobResult made = work.run();
            state = State.DONE;
            result.complete(made);
        } catch (CancellationException e) {
            state = State.CANCELLED;
            result.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            state = State.FAILED;
            result.completeExceptionally(e);
        }
    }

    /** What a job does. */
    @FunctionalInterface
    interface Work {
        JobResult run();
    }
}
