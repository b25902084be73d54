package io.latent4j.training.config;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.TextFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What every kind of run has at the top of its file.
 *
 * @param output the run's folder
 * @param seed of all that is random
 * @param file the whole file, changes included
 */
public record RunPlan(Path output, int seed, Config file) {
    private static final int LARGEST = 1 << 20;

    /** Reads the keys {@code output} and {@code seed}. */
    public static RunPlan read(Config file) {
        return new RunPlan(file.requiredPath("output"), file.integer("seed", Bounds.atLeast(0), 0), file);
    }

    /**
     * Reads a run file; paths in it are relative to its folder.
     *
     * @throws IOException if it cannot be read, is larger than 1 MiB or is not text
     * @throws IllegalArgumentException if it is not YAML, with the line, or a change is none
     */
    public static Config file(Path file, StartOptions options) throws IOException {
        String yaml = TextFile.read(file, LARGEST, "a run file");
        Path folder = file.toAbsolutePath().normalize().getParent();
        return Config.parseYaml(file.toString(), folder, yaml).withChanges(options.changes());
    }

    /** All values of the file, which the run's folder records. */
    public JsonObject values() {
        return file.json();
    }
}
