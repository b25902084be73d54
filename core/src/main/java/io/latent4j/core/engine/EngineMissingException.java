package io.latent4j.core.engine;

import java.io.Serial;

/** DJL's PyTorch engine cannot be loaded; the message says what is missing and which dependency brings it. */
public final class EngineMissingException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String found;
    private final String cure;

    EngineMissingException(String found, String cure, Throwable cause) {
        super(found + "; " + cure, cause);
        this.found = found;
        this.cure = cure;
    }

    /** The first half of the message: what is missing. */
    public String found() {
        return found;
    }

    /** The second half of the message: what to do. */
    public String cure() {
        return cure;
    }
}
