package io.latent4j.cli;

import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelLocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What the name of a model leaves open: options of every command that takes one. */
final class SourceOptions {
    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Which weights to download, fp16 for instance, where the hub has several.")
    private Optional<String> variant;

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description = "Tokenizer of a single file: vocab.json and merges.txt (default: CLIP's, from the hub).")
    private Optional<Path> tokenizer;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            description = "Folder whose settings and tokenizer a single file takes (default: what its tensors say).")
    private Optional<Path> config;

    @Option(
            names = "--prediction-type",
            paramLabel = "TYPE",
            description = "What the model in a single file predicts: epsilon or v_prediction.")
    private Optional<String> predictionType;

    /** What is told of a single file. */
    FileOptions file() {
        return new FileOptions(tokenizer, config, predictionType);
    }

    /** What of that goes for a second model of another architecture, which reads the same texts. */
    FileOptions otherFile() {
        return new FileOptions(tokenizer, Optional.empty(), Optional.empty());
    }

    /** What is looked for by a {@link ModelLocator}. */
    @FunctionalInterface
    interface Search<T> {
        T in(ModelLocator locator) throws IOException;
    }

    /** Searches, and shows downloads. */
    <T> T find(CommandSpec command, Search<T> search) throws IOException {
        try (HubDisplay display =
                new HubDisplay(Terminal.of(command.commandLine().getErr()))) {
            return search.in(new ModelLocator(variant, display));
        }
    }
}
