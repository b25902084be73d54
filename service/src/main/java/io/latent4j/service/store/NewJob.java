package io.latent4j.service.store;

import io.latent4j.service.job.JobSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A job that is to be accepted. Times are cut to the millisecond.
 *
 * @param id by which it is found, 1 to 64 letters, digits, {@code -} and {@code _}
 * @param client who asks for it, at most 200 letters; clients share the workers evenly, and {@link QueueBounds} count the jobs
 *     of each
 * @param label for whom the client asks, as it says itself, at most 200 letters; nothing is counted by it
 * @param priority a higher one goes first, -100 to 100
 * @param spec what it is to make, with its seed
 * @param accepted when
 * @param deadline when it is no longer wanted
 */
public record NewJob(
        String id,
        String client,
        String label,
        int priority,
        JobSpec spec,
        Instant accepted,
        Optional<Instant> deadline) {
    /** The most letters of a client's name, and of a label. */
    public static final int MOST_LETTERS = 200;

    private static final int MOST_PRIORITY = 100;

    public NewJob {
        if (!isId(id)) {
            throw new IllegalArgumentException(
                    "the job's id is \"" + id + "\"; expected 1 to 64 letters, digits, - and _");
        }
        checkName("client's name", client);
        checkName("label", label);
        if (Math.abs(priority) > MOST_PRIORITY) {
            throw new IllegalArgumentException(
                    "priority is " + priority + "; expected " + -MOST_PRIORITY + " to " + MOST_PRIORITY);
        }
        if (spec.request().batch().seed().isEmpty()) {
            throw new IllegalArgumentException("the job has no seed; expected one, so that it can be begun again");
        }
        accepted = accepted.truncatedTo(ChronoUnit.MILLIS);
        deadline = deadline.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
    }

    private static void checkName(String what, String name) {
        if (name.length() > MOST_LETTERS || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the " + what + " has " + name.length()
                    + " letters, or control characters; expected at most " + MOST_LETTERS + " letters");
        }
    }

    /** Whether this may be a job's id. */
    public static boolean isId(String id) {
        return id.matches("[A-Za-z0-9_-]{1,64}");
    }
}
