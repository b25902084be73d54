package io.latent4j.cli.options;

import io.latent4j.pipeline.model.Components;
import io.latent4j.textencoder.LearnedWord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Words that a prompt may have because they were learned: textual inversion. */
public final class EmbeddingOptions {
    @Option(
            names = "--embedding",
            paramLabel = "[WORD=]FILE",
            description =
                    "Learned word (textual inversion) that the prompt may have, written as the file calls it, or as WORD;"
                            + " may be given several times.")
    private List<String> embeddings = new ArrayList<>();

    /** The model with the words, whose vectors are freed with the model's weights. */
    public Components applied(Components parts) throws IOException {
        List<LearnedWord> words = new ArrayList<>();
        for (String embedding : embeddings) {
            words.add(read(embedding, parts));
        }
        return words.isEmpty() ? parts : parts.withWords(words);
    }

    private static LearnedWord read(String embedding, Components parts) throws IOException {
        int equals = embedding.lastIndexOf('=');
        if (equals > 0 && !LoraOptions.isFile(embedding)) {
            Path file = Path.of(embedding.substring(equals + 1));
            return LearnedWord.read(file, Optional.of(embedding.substring(0, equals)), parts.manager());
        }
        return LearnedWord.read(Path.of(embedding), Optional.empty(), parts.manager());
    }
}
