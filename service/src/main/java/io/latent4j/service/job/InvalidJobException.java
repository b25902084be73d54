package io.latent4j.service.job;

/** A job that cannot be run as it is described: the request is wrong, and running it again does not help. */
public final class InvalidJobException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** What is wrong, and what is expected. */
    public InvalidJobException(String message) {
        super(message);
    }

    /** The same, with the error that says so. */
    public InvalidJobException(String message, Throwable cause) {
        super(message, cause);
    }
}
