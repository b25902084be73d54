package io.latent4j.cli;

import io.latent4j.pipeline.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import picocli.CommandLine.Option;

/** What to start from instead of noise. */
final class ImageOptions {
    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "Start from this picture (PNG, JPEG, BMP, GIF) instead of noise; it is scaled to --width and"
                    + " --height, or keeps its size without them.")
    private Optional<Path> image;

    @Option(
            names = "--strength",
            paramLabel = "X",
            description = "How little of --image stays, above 0 and up to 1: the part of the steps that is taken"
                    + " (default: 0.8).")
    private Optional<Double> strength;

    /**
     * The request with what these options say.
     *
     * @throws IllegalArgumentException if an option lacks the one that it belongs to
     * @throws IOException if a file is not there or is no picture
     */
    GenerationRequest addTo(GenerationRequest request) throws IOException {
        if (image.isEmpty()) {
            needsImage("--strength", strength);
            return request;
        }
        GenerationRequest from = request.withImage(read(image.get()));
        return strength.map(from::withStrength).orElse(from);
    }

    private static void needsImage(String option, Optional<?> value) {
        if (value.isPresent()) {
            throw new IllegalArgumentException(option + " is given without --image; expected a picture to start from");
        }
    }

    /** The picture in a file. */
    static BufferedImage read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": there is no such file; expected a picture");
        }
        BufferedImage picture;
        try {
            picture = ImageIO.read(file.toFile());
        } catch (IOException e) {
            throw new IOException(file + ": is no picture that can be read: " + e.getMessage(), e);
        }
        if (picture == null) {
            throw new IOException(file + ": is no picture that can be read; expected PNG, JPEG, BMP or GIF");
        }
        return picture;
    }
}
