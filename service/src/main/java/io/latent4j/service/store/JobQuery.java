package io.latent4j.service.store;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which jobs to list, the newest first.
 *
 * @param states in one of these; in any if empty
 * @param client of this client
 * @param text whose prompt has this in it, whatever the case
 * @param before with a smaller number than this, for the next page
 * @param limit at most so many, 1 to 1000
 */
public record JobQuery(
        Set<JobState> states, Optional<String> client, Optional<String> text, OptionalLong before, int limit) {
    private static final int MOST = 1000;

    /** The newest hundred. */
    public static final JobQuery NEWEST =
            new JobQuery(Set.of(), Optional.empty(), Optional.empty(), OptionalLong.empty(), 100);

    public JobQuery {
        states = Set.copyOf(states);
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(before, "before");
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit is " + limit + "; expected 1 to " + MOST);
        }
    }

    /** The same of jobs in these states. */
    public JobQuery in(JobState... states) {
        return new JobQuery(Set.of(states), client, text, before, limit);
    }

    /** The same of this client's jobs. */
    public JobQuery of(String client) {
        return new JobQuery(states, Optional.of(client), text, before, limit);
    }

    /** The same of jobs whose prompt has this text. */
    public JobQuery having(String text) {
        return new JobQuery(states, client, Optional.of(text), before, limit);
    }

    /** The same of jobs that were accepted before the one with this number. */
    public JobQuery before(long number) {
        return new JobQuery(states, client, text, OptionalLong.of(number), limit);
    }

    /** At most so many. */
    public JobQuery atMost(int limit) {
        return new JobQuery(states, client, text, before, limit);
    }
}
