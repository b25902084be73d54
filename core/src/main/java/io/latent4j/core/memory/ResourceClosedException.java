package io.latent4j.core.memory;

/** A model, an adapter or another resource is used that is closed, or is closed while a run uses it. */
public final class ResourceClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** With a message that says which resource it is. */
    public ResourceClosedException(String message) {
        super(message);
    }
}
