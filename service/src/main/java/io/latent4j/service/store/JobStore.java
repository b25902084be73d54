package io.latent4j.service.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Accepted jobs and their order. When a method returns, what it did is kept as long as the store keeps anything. Several
 * processes may share a store that is kept outside of them; each calls itself by a worker's name that no other has.
 *
 * <p>Any number of threads may use it. The next job is that of the highest priority, then the one with the smallest turn, then
 * the one with the smallest number. A job's turn is one more than the larger of the largest turn that was claimed and the turns
 * of its client's waiting jobs, both of jobs of its priority: clients take turns, however many jobs each of them has. Times are
 * kept to the millisecond.
 */
public interface JobStore extends AutoCloseable {
    /** A job that was begun so often without coming to an end fails: it may be what ends the processes. */
    int MOST_ATTEMPTS = 5;

    /**
     * Accepts a job, which is queued then.
     *
     * @throws QueueFullException if as many wait as {@code bounds} allow
     * @throws JobExistsException if there is a job with its id
     */
    StoredJob add(NewJob job, QueueBounds bounds);

    /**
     * Gives the next waiting job to a worker, which lives and runs it then; empty if none waits. No other worker gets it.
     */
    Optional<StoredJob> claim(String worker, Instant now);

    /** The worker lives: it was heard of now, as at its claims. */
    void beat(String worker, Instant now);

    /**
     * Queues the running jobs of workers that have not been heard of since {@code silentSince}, at their old turn. Those of
     * {@link #MOST_ATTEMPTS} attempts fail instead, and those that were cancelled are.
     *
     * @return the ids of all of them
     */
    List<String> requeueLost(Instant silentSince, Instant now);

    /**
     * Queues a running job of this worker again, at its old turn; the attempt does not count. One that was cancelled meanwhile
     * is at its end.
     *
     * @return false, and nothing is done, if it is no longer this worker's
     */
    boolean release(String id, String worker, Instant now);

    /**
     * Adds a finished image.
     *
     * @return false if the job is no longer this worker's, who should stop then; an image of that index that is there already
     *     stays as it is
     */
    boolean addImage(String id, String worker, StoredImage image);

    /** Ends a running job of this worker; returns false, and does nothing, if it is no longer this worker's. */
    boolean end(String id, String worker, JobEnd end);

    /**
     * Cancels a job: one that waits is at its end, one that runs is marked for its worker. One at its end stays as it is.
     *
     * @return the job as it is then; empty if there is none
     */
    Optional<StoredJob> cancel(String id, Instant now);

    /** Of these running jobs of a worker, those that it should stop: they are cancelled, or are no longer its own. */
    Set<String> toStop(String worker, Set<String> running);

    /** Fails the waiting jobs whose deadline is over; returns their ids. */
    List<String> expire(Instant now);

    /** The job of this id. */
    Optional<StoredJob> find(String id);

    /** The jobs that a query asks for, the newest first. */
    List<StoredJob> list(JobQuery query);

    /** The ids of the waiting jobs, the next first. */
    List<String> waiting();

    /** How many jobs wait. */
    int waitingCount();

    /** How many jobs run. */
    int runningCount();

    /**
     * Forgets jobs that ended before {@code endedBefore}, and of the rest the oldest that ended, until those that ended are at
     * most {@code most}.
     *
     * @return how many were forgotten
     */
    int forget(Instant endedBefore, int most);

    /** Forgets a job at its end; returns whether there was one. */
    boolean forget(String id);

    /** Of these digests, those of images that a job has. */
    Set<String> inUse(Set<String> digests);

    /** The image of this digest, of whichever job. */
    Optional<StoredImage> image(String digest);

    @Override
    void close();
}
