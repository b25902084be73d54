package io.latent4j.service;

/**
 * The work of a job failed although its description may be right: a file cannot be read, a model is damaged, memory is short.
 * The cause says what.
 */
public final class JobFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    JobFailedException(Exception cause) {
        super(cause.getMessage(), cause);
    }
}
