package io.latent4j.pipeline.files;

import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which weights of a folder are read, where it holds several.
 *
 * @param variant such as {@code fp16}; empty for the first of {@link Checkpoint#open(Path, String)}
 * @param orPlain whether those are read too where there are none of the variant
 */
record WeightChoice(Optional<String> variant, boolean orPlain) {
    static final WeightChoice PLAIN = new WeightChoice(Optional.empty(), true);

    /** Opens the weights in {@code folder}; the caller closes them. */
    Checkpoint open(Path folder, String stem) throws IOException {
        boolean named = variant.isPresent() && (!orPlain || has(folder, variant.get()));
        return named ? Checkpoint.open(folder, stem, variant.get()) : Checkpoint.open(folder, stem);
    }

    private static boolean has(Path folder, String variant) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().contains("." + variant + "."));
        }
    }
}
