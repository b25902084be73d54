package io.latent4j.cli.output;

import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.StepEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Shows the first image of a batch after each step in a file, and deletes it when this is closed.
 *
 * @param file empty if steps are not shown
 */
public record PreviewFile(Optional<Path> file) implements AutoCloseable {

    /**
     * Decodes and writes the preview of a step.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public void show(StepEvent event) {
        file.ifPresent(shown -> write(shown, event));
    }

    /** A viewer never sees half a file. */
    private static void write(Path file, StepEvent event) {
        try {
            PngFile.write(file, event.preview().get().get(0), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the preview cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            Files.deleteIfExists(file.get());
        }
    }
}
