package io.latent4j.pipeline.run;

/** Thrown before a run that the machine has not the memory for. */
public final class NotEnoughMemoryException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    NotEnoughMemoryException(String message) {
        super(message);
    }
}
