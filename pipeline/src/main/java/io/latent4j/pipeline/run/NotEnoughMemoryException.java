package io.latent4j.pipeline.run;

/** Thrown before a run, or before a model is opened, that the machine has not the memory for. */
public final class NotEnoughMemoryException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** @param message with what is needed, what there is, and what to change */
    public NotEnoughMemoryException(String message) {
        super(message);
    }
}
