package io.latent4j.service.store;

/** Where a stored job is. The last three are ends, of which a job reaches exactly one. */
public enum JobState {
    /** It waits for a worker. */
    QUEUED,
    /** A worker has it. */
    RUNNING,
    /** All images are made. */
    DONE,
    /** It ended with an error. */
    FAILED,
    /** It was cancelled. */
    CANCELLED;

    /** Whether nothing follows. */
    public boolean isEnd() {
        return this == DONE || this == FAILED || this == CANCELLED;
    }
}
