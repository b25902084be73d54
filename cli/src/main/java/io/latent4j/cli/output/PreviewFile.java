package io.latent4j.cli.output;

import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.StepEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Shows the first image of a batch after each step in a file, and deletes it when this is closed. The file says which
 * process it is of, so that what a killed process left can be told from what is in use.
 *
 * @param file empty if steps are not shown
 */
public record PreviewFile(Optional<Path> file) implements AutoCloseable {
    private static final String PROCESS = "latent4j process";

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
            PngFile.write(file, event.preview().get().get(0), Map.of(PROCESS, process(ProcessHandle.current())));
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the preview cannot be written: " + e.getMessage(), e);
        }
    }

    /** A process, whose number another may get when it is gone. */
    static String process(ProcessHandle process) {
        return process.pid() + "-"
                + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static boolean runs(String process) {
        try {
            return ProcessHandle.of(Long.parseLong(process.substring(0, Math.max(0, process.indexOf('-')))))
                    .filter(ProcessHandle::isAlive)
                    .filter(handle -> process(handle).equals(process))
                    .isPresent();
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Deletes a preview that a killed process left. */
    public static void deleteLeftOver(Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            String process = readProcess(file);
            if (!process.isEmpty() && !runs(process)) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Empty for a file that is no preview. */
    private static String readProcess(Path file) {
        try {
            return PngFile.readText(file).getOrDefault(PROCESS, "");
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            Files.deleteIfExists(file.get());
        }
    }
}
