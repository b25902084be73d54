package io.latent4j.pipeline.files;

import io.latent4j.textencoder.catalogue.TextEncoders;
import io.latent4j.vae.Autoencoder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/** Today's keys for those of parts in the layout of diffusers, of any age. */
public final class PartKeys {
    private PartKeys() {}

    /** Today's key for a stored one of {@code part}; empty for one to leave out. */
    public static Function<String, Optional<String>> of(String part, ModelFiles model) throws IOException {
        if (part.equals(MissingPartException.AUTOENCODER)) {
            return Autoencoder.of(model.json(part + "/config.json"))::keyOf;
        }
        return part.startsWith("text_encoder")
                ? TextEncoders.of(model.json(part + "/config.json"))::keyOf
                : Optional::of;
    }
}
