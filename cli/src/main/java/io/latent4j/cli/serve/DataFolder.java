package io.latent4j.cli.serve;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where programs of a user keep their data, by the customs of the system. */
final class DataFolder {
    private static final String NAME = "latent4j";

    private DataFolder() {}

    /**
     * The folder of latent4j.
     *
     * @param system as the property {@code os.name} has it
     * @param user the user's folder
     */
    static Path of(String system, Map<String, String> environment, Path user) {
        if (system.startsWith("Windows")) {
            return variable(environment, "LOCALAPPDATA")
                    .orElse(user.resolve("AppData").resolve("Local"))
                    .resolve(NAME);
        }
        if (system.startsWith("Mac")) {
            return user.resolve("Library").resolve("Application Support").resolve(NAME);
        }
        return variable(environment, "XDG_DATA_HOME")
                .orElse(user.resolve(".local").resolve("share"))
                .resolve(NAME);
    }

    private static Optional<Path> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(Path::of).filter(Path::isAbsolute);
    }
}
