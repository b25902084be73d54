package io.latent4j.service.queue;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How a job is asked for.
 *
 * @param client by whom; clients share the workers evenly, and the queue's bounds count the jobs of each
 * @param label for whom, as the client says itself; nothing is counted by it
 * @param priority a higher one goes first, -100 to 100
 * @param deadline when it is no longer wanted
 * @param id by which it is found; a random one if empty
 */
public record Submission(String client, String label, int priority, Optional<Instant> deadline, Optional<String> id) {
    /** By nobody in particular, and as important as others. */
    public static final Submission ANONYMOUS = by("");

    public Submission {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(deadline, "deadline");
        Objects.requireNonNull(id, "id");
    }

    /** By this client, and as important as others. */
    public static Submission by(String client) {
        return new Submission(client, "", 0, Optional.empty(), Optional.empty());
    }

    /** The same for somebody of the client's. */
    public Submission withLabel(String label) {
        return new Submission(client, label, priority, deadline, id);
    }

    /** The same with this priority. */
    public Submission withPriority(int priority) {
        return new Submission(client, label, priority, deadline, id);
    }

    /** The same until this time. */
    public Submission withDeadline(Instant deadline) {
        return new Submission(client, label, priority, Optional.of(deadline), id);
    }

    /** The same under this id. */
    public Submission withId(String id) {
        return new Submission(client, label, priority, deadline, Optional.of(id));
    }
}
