package io.latent4j.service.store;

/** A job is not accepted, because too many wait already. It may be sent again later. */
public final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int waiting;

    /** @param waiting how many wait, of all clients or of this one */
    public QueueFullException(String message, int waiting) {
        super(message);
        this.waiting = waiting;
    }

    /** How many wait. */
    public int waiting() {
        return waiting;
    }
}
