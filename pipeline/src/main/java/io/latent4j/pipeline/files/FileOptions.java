package io.latent4j.pipeline.files;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a single file leaves open.
 *
 * @param tokenizer folder of the tokenizer; otherwise the one of {@code config}
 * @param config folder in the layout of diffusers, without weights or with: its settings and tokenizers are taken instead
 *     of those that follow from the file's tensors
 * @param predictionType {@code epsilon} or {@code v_prediction}, which no tensor shows
 */
public record FileOptions(Optional<Path> tokenizer, Optional<Path> config, Optional<String> predictionType) {

    public FileOptions {
        predictionType.ifPresent(type -> {
            if (!type.equals("epsilon") && !type.equals("v_prediction")) {
                throw new IllegalArgumentException(
                        "the prediction type is \"" + type + "\"; expected epsilon or v_prediction");
            }
        });
    }

    /** Nothing said. */
    public static FileOptions none() {
        return new FileOptions(Optional.empty(), Optional.empty(), Optional.empty());
    }

    public FileOptions withTokenizer(Path folder) {
        return new FileOptions(Optional.of(folder), config, predictionType);
    }

    public FileOptions withConfig(Path folder) {
        return new FileOptions(tokenizer, Optional.of(folder), predictionType);
    }

    public FileOptions withPredictionType(String type) {
        return new FileOptions(tokenizer, config, Optional.of(type));
    }
}
