package io.latent4j.service.store;

import java.util.Objects;

/**
 * Why a job failed.
 *
 * @param kind whose fault it is
 * @param message in one line
 */
public record JobError(Kind kind, String message) {

    /** Whose fault a failure is. */
    public enum Kind {
        /** The request is wrong; trying again does not help. */
        INVALID,
        /** The work failed. */
        FAILED,
        /** Its time was over before it was done. */
        DEADLINE
    }

    public JobError {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(message, "message");
    }
}
