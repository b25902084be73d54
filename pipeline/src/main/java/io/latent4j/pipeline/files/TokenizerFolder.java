package io.latent4j.pipeline.files;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A tokenizer to be read.
 *
 * @param folder with the vocabulary
 * @param padding the token that fills texts up, where it is not the one that the folder says
 */
public record TokenizerFolder(Path folder, Optional<String> padding) {}
