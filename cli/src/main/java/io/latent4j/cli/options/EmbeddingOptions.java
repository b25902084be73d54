package io.latent4j.cli.options;

import io.latent4j.service.job.EmbeddingFile;
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

    /** The files, and the words that prompts write for them. */
    public List<EmbeddingFile> files() {
        return embeddings.stream().map(EmbeddingOptions::file).toList();
    }

    private static EmbeddingFile file(String embedding) {
        int equals = embedding.lastIndexOf('=');
        if (equals > 0 && !LoraOptions.isFile(embedding)) {
            return new EmbeddingFile(
                    Path.of(embedding.substring(equals + 1)), Optional.of(embedding.substring(0, equals)));
        }
        return new EmbeddingFile(Path.of(embedding), Optional.empty());
    }
}
