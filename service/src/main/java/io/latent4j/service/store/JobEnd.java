package io.latent4j.service.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * How a job ended.
 *
 * @param state one of the ends
 * @param error why it failed; present if and only if it did
 * @param warnings what had no effect, or another one than expected
 * @param at when, cut to the millisecond
 */
public record JobEnd(JobState state, Optional<JobError> error, List<String> warnings, Instant at) {

    public JobEnd {
        if (!state.isEnd()) {
            throw new IllegalArgumentException("state is " + state + "; expected an end");
        }
        if (error.isPresent() != (state == JobState.FAILED)) {
            throw new IllegalArgumentException("expected an error of a job that failed, and of no other");
        }
        warnings = List.copyOf(warnings);
        at = at.truncatedTo(ChronoUnit.MILLIS);
    }

    /** All images are made. */
    public static JobEnd done(List<String> warnings, Instant at) {
        return new JobEnd(JobState.DONE, Optional.empty(), warnings, at);
    }

    /** It failed. */
    public static JobEnd failed(JobError error, List<String> warnings, Instant at) {
        return new JobEnd(JobState.FAILED, Optional.of(error), warnings, at);
    }

    /** It was cancelled. */
    public static JobEnd cancelled(List<String> warnings, Instant at) {
        return new JobEnd(JobState.CANCELLED, Optional.empty(), warnings, at);
    }
}
