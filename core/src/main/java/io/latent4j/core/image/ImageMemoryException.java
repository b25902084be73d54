package io.latent4j.core.image;

import java.io.IOException;

/** There is too little memory just now for an image, which may be a whole one. */
public final class ImageMemoryException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param message the image, and what to do */
    public ImageMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
