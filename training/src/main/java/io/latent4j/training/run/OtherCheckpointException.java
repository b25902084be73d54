package io.latent4j.training.run;

import java.io.IOException;

/** A run cannot go on from its newest checkpoint, as that is of another model or optimizer. */
public final class OtherCheckpointException extends IOException {
    private static final long serialVersionUID = 1;

    OtherCheckpointException(String message) {
        super(message);
    }
}
