package io.latent4j.service.queue;

import io.latent4j.service.JobRunner;
import io.latent4j.service.store.StoredJob;
import java.util.Optional;
import java.util.UUID;

/** Runs one job after the other. */
final class Worker implements Runnable {
    private static final String CLAIM = "take a job";
    private static final String SETTLE = "say how a job ended";

    private final JobRunner runner;
    private final QueueParts queue;
    private final Trouble trouble = new Trouble();
    private volatile String name = newName(); // in the store
    private volatile Optional<RunningJob> current = Optional.empty();
    private volatile boolean finishing;
    private volatile boolean puttingBack;

    Worker(JobRunner runner, QueueParts queue) {
        this.runner = runner;
        this.queue = queue;
    }

    private static String newName() {
        return UUID.randomUUID().toString();
    }

    /** Begins no more jobs. */
    void finish() {
        finishing = true;
        queue.bell().ring();
    }

    /** Begins no more jobs, and gives back the one that runs. */
    void putBack() {
        finishing = true;
        puttingBack = true;
        current.ifPresent(RunningJob::putBack);
        queue.bell().ring();
    }

    /** Whether this has a job of the store. */
    boolean has(StoredJob job) {
        return job.worker().filter(name::equals).isPresent();
    }

    @Override
    public void run() {
        while (!finishing) {
            long rings = queue.bell().rings();
            if (!runNext()) {
                queue.bell().await(rings, queue.options().beat());
            }
        }
    }

    /** Runs the next job; false if there is none. */
    private boolean runNext() {
        try {
            Optional<StoredJob> next = queue.store().claim(name, queue.now());
            trouble.worked(CLAIM);
            next.ifPresent(this::run);
            return next.isPresent();
        } catch (RuntimeException | Error e) {
            trouble.failed(CLAIM, e);
            name = newName(); // if it was given a job nevertheless, nobody beats for that, and it is queued again
            return false;
        }
    }

    private void run(StoredJob job) {
        RunningJob run = new RunningJob(job, name, queue);
        Optional.ofNullable(queue.running().put(job.id(), run)).ifPresent(RunningJob::lost);
        current = Optional.of(run);
        Optional<StoredJob> ended;
        try {
            if (puttingBack) {
                run.putBack();
            }
            run.run(runner);
            ended = settle(run);
        } finally {
            current = Optional.empty();
            queue.running().remove(job.id(), run);
        }
        ended.ifPresent(run::tellEnd);
    }

    /**
     * What became of a job is not given up while its store cannot be reached, unless the process is to end: then it is queued
     * again when its worker was silent for long enough.
     */
    private Optional<StoredJob> settle(RunningJob run) {
        do {
            try {
                Optional<StoredJob> ended = run.settle();
                trouble.worked(SETTLE);
                return ended;
            } catch (RuntimeException e) {
                trouble.failed(SETTLE, e);
                queue.bell().await(queue.bell().rings(), queue.options().beat());
            }
        } while (!puttingBack);
        return Optional.empty();
    }
}
