package io.latent4j.service.job;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A learned word (textual inversion) that prompts may have.
 *
 * @param file that holds its vectors
 * @param word how prompts write it; as the file calls it if empty
 */
public record EmbeddingFile(Path file, Optional<String> word) {

    public EmbeddingFile {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(word, "word");
    }
}
