package io.latent4j.service.queue;

import io.latent4j.service.JobRunner;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.NewJob;
import io.latent4j.service.store.QueueFullException;
import io.latent4j.service.store.StoredJob;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts jobs, and runs them one after the other. What was accepted is in its store, so that a process that ends with a store
 * on disk loses none: its jobs are queued again when it, or another process with the same store, runs, and go on after the
 * images that were finished. Several processes may share a store and a folder of images.
 *
 * <p>Any number of threads may use it.
 */
public final class JobQueue implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(JobQueue.class);

    private final String worker = UUID.randomUUID().toString();
    private final JobRunner runner;
    private final JobStore store;
    private final ImageFolder images;
    private final QueueOptions options;
    private final Clock clock;
    private final Listeners listeners = new Listeners();
    private final Map<String, RunningJob> running = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Object work = new Object();
    private volatile Stopping stopping = Stopping.NO;

    /** Whether this stops. */
    private enum Stopping {
        /** It accepts and runs jobs. */
        NO,
        /** It begins no more. */
        AFTER_THESE,
        /** What runs is put back. */
        NOW
    }

    /**
     * A queue that runs jobs from now on.
     *
     * @param runner with a registry that stays the caller's, to be closed after this
     * @param store stays the caller's, to be closed after this
     * @param images where finished images are kept
     */
    public JobQueue(JobRunner runner, JobStore store, ImageFolder images, QueueOptions options) {
        this(runner, store, images, options, Clock.systemUTC());
    }

    JobQueue(JobRunner runner, JobStore store, ImageFolder images, QueueOptions options, Clock clock) {
        this.runner = runner;
        this.store = store;
        this.images = images;
        this.options = options;
        this.clock = clock;
        store.beat(worker, clock.instant());
        for (int i = 0; i < options.workers(); i++) {
            threads.add(new Thread(this::runJobs, "latent4j-worker-" + i));
        }
        threads.add(new Thread(this::watch, "latent4j-queue"));
        threads.forEach(thread -> {
            thread.setDaemon(true);
            thread.start();
        });
    }

    /**
     * Accepts a job. When this returns it is in the store.
     *
     * @return the job as it was accepted, with its seed
     * @throws QueueFullException if too many wait
     * @throws QueueStoppingException if this is being closed
     */
    public StoredJob submit(JobSpec spec, Submission by) {
        checkRunning();
        JobSpec seeded = spec.withRequest(spec.request().seeded());
        StoredJob job = store.add(
                new NewJob(
                        by.id().orElseGet(() -> UUID.randomUUID().toString()),
                        by.client(),
                        by.priority(),
                        seeded,
                        clock.instant(),
                        by.deadline()),
                options.bounds());
        wake();
        return job;
    }

    private void checkRunning() {
        if (stopping != Stopping.NO) {
            throw new QueueStoppingException();
        }
    }

    private void wake() {
        synchronized (work) {
            work.notifyAll();
        }
    }

    /** A job of this or another process, as it stands. */
    public Optional<StoredJob> job(String id) {
        return NewJob.isId(id) ? store.find(id) : Optional.empty();
    }

    /** Jobs of this and other processes, the newest first. */
    public List<StoredJob> jobs(JobQuery query) {
        return store.list(query);
    }

    /** What a job of this process is doing now; empty if it does not run here. */
    public Optional<JobProgress> progress(String id) {
        return Optional.ofNullable(running.get(id)).map(RunningJob::progress);
    }

    /** The ids of the jobs that run in this process. */
    public Set<String> runningHere() {
        return Set.copyOf(running.keySet());
    }

    /** How many wait and run, in this and other processes. */
    public QueueStatus status() {
        return new QueueStatus(
                store.waitingCount(), store.runningCount(), options.bounds().waiting());
    }

    /** How many jobs go before this one; empty if it does not wait. */
    public Optional<Integer> position(String id) {
        int at = store.waiting().indexOf(id);
        return at < 0 ? Optional.empty() : Optional.of(at);
    }

    /**
     * Cancels a job: one that waits never begins, one that runs ends within a step. One at its end stays as it is.
     *
     * @return the job as it is then; empty if there is none
     */
    public Optional<StoredJob> cancel(String id) {
        if (!NewJob.isId(id)) {
            return Optional.empty();
        }
        Optional<StoredJob> job = store.cancel(id, clock.instant());
        Optional.ofNullable(running.get(id)).ifPresent(RunningJob::cancel);
        job.filter(j -> j.state().isEnd()).ifPresent(listeners::ended);
        return job;
    }

    /** Forgets a job that has ended; its images go with the next clearing up, unless other jobs have the same. */
    public boolean forget(String id) {
        return NewJob.isId(id) && store.forget(id);
    }

    /**
     * Tells what happens to a job from now on, beginning with where it is and the images that are finished. Of jobs of other
     * processes there are no steps and previews.
     *
     * @param events is called by one thread at a time, which may be the worker: it must not wait
     * @return ends the telling when closed; {@link JobEvent.Ended} ends it too
     */
    public Subscription subscribe(String id, Consumer<JobEvent> events) {
        Listeners.Listener listener = listeners.add(id, events);
        store.find(id).ifPresentOrElse(job -> tell(listener, job), listener::close);
        return listener;
    }

    private void tell(Listeners.Listener listener, StoredJob job) {
        listener.update(job, () -> position(job.id()).orElse(0));
    }

    /**
     * Tells the events of all jobs that run or end in this process, with their ids, from now on.
     *
     * @param observer is called by the workers: it must not wait
     */
    public void observe(BiConsumer<String, JobEvent> observer) {
        listeners.observe(observer);
    }

    /**
     * Waits until a job is at its end.
     *
     * @return the job as it is then, or as it is after {@code atMost}; empty if there is none
     */
    public Optional<StoredJob> await(String id, Duration atMost) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        try (Subscription subscription = subscribe(id, event -> {
            if (event instanceof JobEvent.Ended) {
                ended.countDown();
            }
        })) {
            if (subscription.isOpen()) {
                ended.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
        return job(id);
    }

    /** Completes with a job when it is at its end, on a thread that must not be kept waiting; with nothing if there is none. */
    public CompletableFuture<Optional<StoredJob>> ended(String id) {
        CompletableFuture<Optional<StoredJob>> future = new CompletableFuture<>();
        Subscription subscription = subscribe(id, event -> {
            if (event instanceof JobEvent.Ended ended) {
                future.complete(Optional.of(ended.job()));
            }
        });
        if (!subscription.isOpen()) {
            future.complete(job(id));
        }
        future.whenComplete((job, error) -> subscription.close());
        return future;
    }

    private void runJobs() {
        while (stopping == Stopping.NO) {
            try {
                Optional<StoredJob> next = store.claim(worker, clock.instant());
                if (next.isPresent()) {
                    run(next.get());
                } else {
                    rest();
                }
            } catch (RuntimeException e) {
                LOGGER.error("the queue cannot take a job; it tries again", e);
                rest();
            }
        }
    }

    private void rest() {
        synchronized (work) {
            if (stopping == Stopping.NO) {
                try {
                    work.wait(options.beat().toMillis());
                } catch (InterruptedException e) {
                    stopping = Stopping.NOW;
                }
            }
        }
    }

    private void run(StoredJob job) {
        RunningJob run = new RunningJob(job, worker, store, images, listeners, options, clock);
        running.put(job.id(), run);
        try {
            if (stopping == Stopping.NOW) {
                run.putBack();
            }
            run.run(runner);
        } finally {
            running.remove(job.id());
        }
    }

    /** Says that this lives, looks for what others left, and tells listeners of jobs that do not run here. */
    private void watch() {
        while (stopping != Stopping.NOW) {
            try {
                Instant now = clock.instant();
                store.beat(worker, now);
                store.requeueLost(now.minus(options.silence()), now);
                store.expire(now);
                store.toStop(worker, Set.copyOf(running.keySet())).stream()
                        .map(running::get)
                        .forEach(run -> Optional.ofNullable(run).ifPresent(RunningJob::cancel));
                store.forget(now.minus(options.keepFor()), options.keep());
                tellOthers();
            } catch (RuntimeException e) {
                LOGGER.error("the queue cannot reach its store; it tries again", e);
            }
            pause();
        }
    }

    private void tellOthers() {
        Map<String, Integer> positions = new HashMap<>();
        for (String id : store.waiting()) {
            positions.put(id, positions.size());
        }
        for (Listeners.Listener listener : listeners.all()) {
            if (!running.containsKey(listener.job())) {
                store.find(listener.job())
                        .ifPresentOrElse(
                                job -> listener.update(job, () -> positions.getOrDefault(job.id(), 0)),
                                listener::close);
            }
        }
    }

    private void pause() {
        synchronized (work) {
            if (stopping != Stopping.NOW) {
                try {
                    work.wait(Math.min(options.beat().toMillis(), 1000));
                } catch (InterruptedException e) {
                    stopping = Stopping.NOW;
                }
            }
        }
    }

    /**
     * Accepts and begins no more jobs, waits until those that run have ended, but not longer than {@code grace}, and puts back
     * into the queue those that have not: they begin again after their finished images, wherever the store is opened next.
     */
    public void stop(Duration grace) {
        if (stopping == Stopping.NO) {
            stopping = Stopping.AFTER_THESE;
        }
        wake();
        long end = System.nanoTime() + grace.toNanos();
        try {
            for (Thread thread : threads.subList(0, options.workers())) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            }
            stopping = Stopping.NOW;
            running.values().forEach(RunningJob::putBack);
            wake();
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            stopping = Stopping.NOW;
            running.values().forEach(RunningJob::putBack);
            wake();
            Thread.currentThread().interrupt();
        }
    }

    /** Stops at once: {@link #stop} without grace. Jobs that run stop within a step, and are waited for. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
