package io.latent4j.service.queue;

import io.latent4j.service.JobRunner;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobExistsException;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.NewJob;
import io.latent4j.service.store.QueueFullException;
import io.latent4j.service.store.StoredJob;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Accepts jobs, and runs them one after the other. What was accepted is in its store, so that a process that ends with a store
 * on disk loses none: its jobs are queued again when it, or another process with the same store, runs, and go on after the
 * images that were finished. Several processes may share a store and a folder of images.
 *
 * <p>Any number of threads may use it.
 */
public final class JobQueue implements AutoCloseable {
    private final QueueParts parts;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Thread watching;
    private final Bell ended = new Bell(); // of the workers
    private volatile boolean stopping;
    private volatile boolean stopped;

    /**
     * A queue that runs jobs from now on.
     *
     * @param runner with a registry that stays the caller's, to be closed after this
     * @param store stays the caller's, to be closed after this
     * @param images where finished images are kept, and of no other store: those that none of its jobs has are deleted
     */
    public JobQueue(JobRunner runner, JobStore store, ImageFolder images, QueueOptions options) {
        this(runner, store, images, options, Clock.systemUTC());
    }

    JobQueue(JobRunner runner, JobStore store, ImageFolder images, QueueOptions options, Clock clock) {
        parts = new QueueParts(store, images, options, clock);
        for (int i = 0; i < options.workers(); i++) {
            Worker worker = new Worker(runner, parts);
            workers.add(worker);
            threads.add(new Thread(worker, "latent4j-worker-" + i));
        }
        watching = new Thread(this::watch, "latent4j-queue");
        threads.forEach(JobQueue::start);
        start(watching);
    }

    private static void start(Thread thread) {
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        Watch watch = new Watch(parts);
        long rings = ended.rings();
        while (threads.stream().anyMatch(Thread::isAlive)) {
            watch.beat();
            ended.await(rings, parts.options().beat());
            rings = ended.rings();
        }
    }

    /**
     * Accepts a job. When this returns it is in the store.
     *
     * @return the job as it was accepted, with its seed
     * @throws JobExistsException if there is a job of the id that is asked for
     * @throws QueueFullException if too many wait
     * @throws QueueStoppingException if this is being closed
     */
    public StoredJob submit(JobSpec spec, Submission by) {
        checkRunning();
        JobSpec seeded = spec.withRequest(spec.request().seeded());
        StoredJob job = parts.store()
                .add(
                        new NewJob(
                                by.id().orElseGet(() -> UUID.randomUUID().toString()),
                                by.client(),
                                by.label(),
                                by.priority(),
                                seeded,
                                parts.now(),
                                by.deadline()),
                        parts.options().bounds());
        parts.bell().ring();
        return job;
    }

    private void checkRunning() {
        if (stopping) {
            throw new QueueStoppingException();
        }
    }

    /** A job of this or another process, as it stands. */
    public Optional<StoredJob> job(String id) {
        return NewJob.isId(id) ? parts.store().find(id) : Optional.empty();
    }

    /** Jobs of this and other processes, the newest first. */
    public List<StoredJob> jobs(JobQuery query) {
        return parts.store().list(query);
    }

    /** What a job of this process is doing now; empty if it does not run here. */
    public Optional<JobProgress> progress(String id) {
        return run(id).map(RunningJob::progress);
    }

    private Optional<RunningJob> run(String id) {
        return Optional.ofNullable(parts.running().get(id));
    }

    /** The ids of the jobs that run in this process. */
    public Set<String> runningHere() {
        return Set.copyOf(parts.running().keySet());
    }

    /** How many wait and run, in this and other processes. */
    public QueueStatus status() {
        return new QueueStatus(
                parts.store().waitingCount(),
                parts.store().runningCount(),
                parts.options().bounds().waiting());
    }

    /** How many jobs go before this one; empty if it does not wait. */
    public Optional<Integer> position(String id) {
        int at = parts.store().waiting().indexOf(id);
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
        boolean waits = job(id).filter(job -> job.state() == JobState.QUEUED).isPresent();
        Optional<StoredJob> job = parts.store().cancel(id, parts.now());
        run(id).ifPresent(RunningJob::cancel);
        if (waits) {
            job.filter(j -> j.state().isEnd()).ifPresent(this::tell);
        }
        return job;
    }

    private void tell(StoredJob ended) {
        parts.listeners().tellObservers(ended.id(), new JobEvent.Ended(ended));
        for (Listener listener : parts.listeners().of(ended.id())) {
            listener.update(ended, listener.heard(), 0);
            listener.tell();
        }
    }

    /** Forgets a job that has ended; its images go with the next clearing up, unless other jobs have the same. */
    public boolean forget(String id) {
        return NewJob.isId(id) && parts.store().forget(id);
    }

    /**
     * Tells what happens to a job from now on, beginning with where it is and the images that are finished. Of jobs of other
     * processes there are no steps and previews, and the rest comes within a beat.
     *
     * @param events is called by one thread at a time, which may be the worker: it must not wait. It may call this queue. One
     *     that throws is told no more
     * @return ends the telling when closed; {@link JobEvent.Ended}, and the end of this queue, end it too. If there is no such
     *     job, it is closed
     */
    public Subscription subscribe(String id, Consumer<JobEvent> events) {
        return listen(id, events);
    }

    /** How many of this process listen to a job: subscriptions that are open, and those who wait for its end. */
    public int listeners(String id) {
        return parts.listeners().of(id).size();
    }

    private Listener listen(String id, Consumer<JobEvent> events) {
        Listener listener = parts.listeners().add(id, events);
        try {
            begin(listener);
        } catch (RuntimeException e) {
            listener.close();
            throw e;
        }
        listener.tell();
        if (stopped) {
            listener.close();
        }
        return listener;
    }

    private void begin(Listener listener) {
        Optional<RunningJob> run = run(listener.job());
        if (run.isPresent()) {
            run.get().begin(listener);
            return;
        }
        job(listener.job()).ifPresentOrElse(job -> begin(listener, job), listener::close);
    }

    private void begin(Listener listener, StoredJob job) {
        boolean here = job.state() == JobState.RUNNING && workers.stream().anyMatch(worker -> worker.has(job));
        int place = job.state() == JobState.QUEUED ? position(job.id()).orElse(0) : 0;
        listener.begin(job, here, place);
    }

    /**
     * Tells the events of all jobs that run or end in this process, with their ids, from now on.
     *
     * @param observer is called by the workers: it must not wait
     */
    public void observe(BiConsumer<String, JobEvent> observer) {
        parts.listeners().add(observer);
    }

    /**
     * Waits until a job is at its end, or this queue is.
     *
     * @return the job as it is then, or as it is after {@code atMost}; empty if there is none
     */
    public Optional<StoredJob> await(String id, Duration atMost) throws InterruptedException {
        CompletableFuture<Optional<StoredJob>> ended = ended(id);
        try {
            return ended.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return job(id);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } finally {
            ended.cancel(true);
        }
    }

    /**
     * Completes with a job when it is at its end, on a thread that must not be kept waiting; with the job as it is when this
     * queue is at its end before, and with nothing if there is none.
     */
    public CompletableFuture<Optional<StoredJob>> ended(String id) {
        CompletableFuture<Optional<StoredJob>> future = new CompletableFuture<>();
        Listener listener = listen(id, event -> {
            if (event instanceof JobEvent.Ended ended) {
                future.complete(Optional.of(ended.job()));
            }
        });
        listener.whenClosed(() -> {
            if (!future.isDone()) {
                future.completeAsync(() -> job(id), Runnable::run);
            }
        });
        CompletableFuture<Optional<StoredJob>> unused = future.whenComplete((job, error) -> listener.close());
        return future;
    }

    /**
     * Accepts and begins no more jobs, waits until those that run have ended, but not longer than {@code grace}, and puts back
     * into the queue those that have not: they begin again after their finished images, wherever the store is opened next.
     * Subscriptions are closed then. An interrupt ends the waits.
     */
    public void stop(Duration grace) {
        stopping = true;
        workers.forEach(Worker::finish);
        long end = System.nanoTime() + grace.toNanos();
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            }
            workers.forEach(Worker::putBack);
            for (Thread thread : threads) {
                thread.join();
            }
            ended.ring();
            watching.join();
        } catch (InterruptedException e) {
            workers.forEach(Worker::putBack);
            Thread.currentThread().interrupt();
        } finally {
            stopped = true;
            parts.listeners().close();
        }
    }

    /** Stops at once: {@link #stop} without grace. Jobs that run stop within a step, and are waited for. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
