package io.latent4j.cli.options;

import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Components;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.textencoder.LearnedWords;
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

    /**
     * The model with the words and those that adapters bring, whose vectors are freed with the model's weights. Of two of
     * one name the option's counts, and then the first adapter's.
     */
    public Components applied(Components parts, LoadedLoras adapters) throws IOException {
        List<LearnedWord> words = new ArrayList<>();
        for (String embedding : embeddings) {
            words.add(read(embedding, parts));
        }
        for (LoraUse use : adapters.open()) {
            for (LearnedWord word : parts.words(use.lora())) {
                if (words.stream().noneMatch(other -> other.token().equals(word.token()))) {
                    words.add(word);
                }
            }
        }
        return words.isEmpty() ? parts : parts.withWords(words);
    }

    /** A warning for each word of an option that none of the texts has. */
    public List<String> unused(Components worded, List<String> texts) {
        if (embeddings.isEmpty()) {
            return List.of();
        }
        LearnedWords words = worded.readers().get(0).words();
        List<String> own = words.tokens().subList(0, embeddings.size()); // before those of adapters
        return words.unused(texts).stream()
                .filter(own::contains)
                .map(word -> "the learned word " + word + " is in no prompt; its --embedding has no effect")
                .toList();
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
