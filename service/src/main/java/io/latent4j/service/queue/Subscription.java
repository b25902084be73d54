package io.latent4j.service.queue;

/** The telling of a job's events, until this is closed or the job has ended. */
public interface Subscription extends AutoCloseable {
    /** Whether more may be told. */
    boolean isOpen();

    @Override
    void close();
}
