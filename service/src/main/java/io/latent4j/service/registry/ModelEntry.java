package io.latent4j.service.registry;

import java.util.Objects;
import java.util.Optional;

/**
 * Something that a {@link ModelRegistry} has by name.
 *
 * @param kind what it is
 * @param name by which jobs name it
 * @param location a folder or file, or a name on the hub; empty for what came with an opener
 * @param family the {@code _class_name} of a model's pipeline, {@code StableDiffusionPipeline} for instance; empty if it is not
 *     known without reading weights
 * @param bytes of its files of weights; 0 if it is not known
 */
public record ModelEntry(EntryKind kind, String name, Optional<String> location, Optional<String> family, long bytes) {

    public ModelEntry {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(family, "family");
    }

    /** One of which nothing but its place is known. */
    static ModelEntry at(EntryKind kind, String name, String location) {
        return new ModelEntry(kind, name, Optional.of(location), Optional.empty(), 0);
    }

    /** One that came with an opener. */
    static ModelEntry opened(EntryKind kind, String name) {
        return new ModelEntry(kind, name, Optional.empty(), Optional.empty(), 0);
    }
}
