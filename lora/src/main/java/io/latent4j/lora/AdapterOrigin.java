package io.latent4j.lora;

import java.util.Map;
import java.util.Optional;

/** Tells by an adapter's layers which models it was made for, where its file does not say so. */
@FunctionalInterface
public interface AdapterOrigin {
    /** Knows no models. */
    AdapterOrigin UNKNOWN = layers -> Optional.empty();

    /**
     * What to call the models; empty if it cannot be told.
     *
     * @param layers how many features each takes, by what the file calls it; 0 where the kind of adapter does not say
     */
    Optional<String> of(Map<String, Long> layers);
}
