package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import com.google.common.io.Resources;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What there is to train. */
public enum TrainingKind {
    /** Images to latents and back. */
    AUTOENCODER("autoencoder"),
    /** A text-conditioned UNet, and its text encoder, in an autoencoder's latents. */
    TEXT_TO_IMAGE("text-to-image"),
    /** A UNet that makes images of noise, pixel by pixel and without text. */
    DDPM("ddpm"),
    /** An adapter of a text-to-image model that stays as it is. */
    LORA("lora"),
    /** Vectors that new words stand for, of a text-to-image model that stays as it is. */
    TEXTUAL_INVERSION("textual-inversion");

    private final String title;

    TrainingKind(String title) {
        this.title = title;
    }

    /**
     * The kind of this name.
     *
     * @throws IllegalArgumentException if there is none, saying which there are
     */
    public static TrainingKind named(String title) {
        return Arrays.stream(values())
                .filter(kind -> kind.title.equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + title + "\" cannot be trained; expected "
                        + Arrays.stream(values()).map(kind -> kind.title).collect(Collectors.joining(", "))));
    }

    /**
     * Reads a run file and makes ready.
     *
     * @param manager owns the weights; its device is where training runs
     * @throws IllegalArgumentException naming what in the file is wrong
     * @throws IOException if a file cannot be read, or another process is at this run
     * @throws java.util.concurrent.CancellationException if {@code watcher} stops it while it makes the images of a
     *     prior; those that were made are kept
     */
    public Training open(Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        return switch (this) {
            case AUTOENCODER -> AutoencoderTraining.open(file, options, manager, watcher);
            case TEXT_TO_IMAGE -> TextToImageTraining.open(file, options, manager, watcher);
            case DDPM -> DdpmTraining.open(file, options, manager, watcher);
            case LORA -> LoraTraining.open(file, options, manager, watcher);
            case TEXTUAL_INVERSION -> TextualInversionTraining.open(file, options, manager, watcher);
        };
    }

    /** A run file with every key and what it is for. */
    public String example() throws IOException {
        return Resources.toString(Resources.getResource(TrainingKind.class, title + ".yaml"), StandardCharsets.UTF_8);
    }

    /** The name. */
    @Override
    public String toString() {
        return title;
    }
}
