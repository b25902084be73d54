package io.latent4j.service.queue;

/** A job is not accepted, because the queue is being closed. */
public final class QueueStoppingException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    QueueStoppingException() {
        super("the queue is being closed, and accepts no more jobs");
    }
}
