package io.latent4j.pipeline.model;

import io.latent4j.hub.DownloadListener;
import io.latent4j.pipeline.files.ModelLocator;
import java.nio.file.Path;
import java.util.Optional;

/** What models and parts of models are called, and where they are found by that. */
final class Names {
    private Names() {}

    /** The last name of a folder or file. */
    static String of(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? path.toString() : name.toString();
    }

    /** What to call what is looked for by {@code name}: a path's last name, or the name itself. */
    static String of(String name) {
        return ModelLocator.local(name).map(Names::of).orElse(name);
    }

    /** Finds what is on this machine or on the hub, and logs what is to be noted of it. */
    static ModelLocator locator() {
        return new ModelLocator(Optional.empty(), DownloadListener.logged());
    }
}
