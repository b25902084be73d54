package io.latent4j.hub;

import java.io.IOException;

/** The hub does not answer at all. */
final class HubUnreachable extends IOException {
    private static final long serialVersionUID = 1;

    HubUnreachable(ModelId model, String host, IOException cause) {
        super(model + ": " + host + " cannot be reached (" + cause + "); check the network and HF_ENDPOINT", cause);
    }
}
