package io.latent4j.jobstore;

/** A database of jobs cannot be opened or reached; the message says in one line why, and what to do. */
public final class JobStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    JobStoreException(String message, Throwable cause) {
        super(message, cause);
    }

    JobStoreException(String message) {
        super(message);
    }
}
