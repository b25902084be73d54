package io.latent4j.cli.options;

import io.latent4j.cli.output.HubDisplay;
import io.latent4j.cli.output.Terminal;
import io.latent4j.hub.ModelId;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelLocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** What the name of a model leaves open: options of every command that takes one. */
public final class SourceOptions {
    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Which weights to download and read, fp16 for instance, where there are several.")
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

    /** Which weights are read. */
    Optional<String> variant() {
        return variant;
    }

    /** What is told of a single file. */
    public FileOptions file() {
        return new FileOptions(tokenizer, config, predictionType);
    }

    /** What of that goes for a second model of another architecture, which reads the same texts. */
    FileOptions otherFile() {
        return new FileOptions(tokenizer, Optional.empty(), Optional.empty());
    }

    /**
     * Refuses what is told of a single file where there is none.
     *
     * @param command that has these options
     * @param models what the command loads; empty for the embedded model
     * @param other a model that takes {@link #otherFile}
     * @throws IllegalArgumentException naming the options, and the cure
     */
    public void check(CommandSpec command, List<Optional<String>> models, Optional<String> other) {
        boolean embedded = !models.isEmpty() && models.stream().allMatch(Optional::isEmpty);
        if (variant.isPresent() && other.isEmpty() && embedded) {
            throw new IllegalArgumentException("--variant: for a model with several sets of weights; found "
                    + names(models) + "; leave out --variant");
        }
        if (models.stream().flatMap(Optional::stream).anyMatch(SourceOptions::mayBeFile)) {
            return;
        }
        Map<String, Boolean> told = new LinkedHashMap<>();
        told.put(
                "--tokenizer",
                tokenizer.isPresent() && !other.filter(SourceOptions::mayBeFile).isPresent());
        told.put("--config", config.isPresent());
        told.put("--prediction-type", predictionType.isPresent());
        String given = told.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        if (!given.isEmpty()) {
            boolean settable = predictionType.isPresent() && command.findOption("--scheduler-setting") != null;
            throw new IllegalArgumentException(given + ": for a model in a single file; found " + names(models)
                    + "; leave out " + given
                    + (settable
                            ? "; --scheduler-setting prediction_type=" + predictionType.get()
                                    + " says what any model predicts"
                            : ""));
        }
    }

    private static String names(List<Optional<String>> models) {
        return models.stream()
                        .map(name -> name.orElse("the embedded model"))
                        .reduce((first, second) -> first + " and " + second)
                        .orElse("no model")
                + (models.isEmpty() ? "" : models.size() == 1 ? ", which is none" : ", which are none");
    }

    private static boolean mayBeFile(String name) {
        Optional<Path> local = ModelLocator.local(name);
        return local.isPresent()
                ? !Files.isDirectory(local.get())
                : !ModelId.isId(name) || ModelId.parse(name).file().isPresent();
    }

    /** What a model, or a part of one, is called in images: a path's last name, or the name on the hub. */
    static String called(String name) {
        return ModelLocator.local(name)
                .map(path -> path.toAbsolutePath().normalize().getFileName())
                .map(Path::toString)
                .orElse(name);
    }

    /** What is looked for by a {@link ModelLocator}. */
    @FunctionalInterface
    public interface Search<T> {
        T in(ModelLocator locator) throws IOException;
    }

    /** Searches, and shows downloads unless the command is to be quiet. */
    public <T> T find(CommandSpec command, Search<T> search) throws IOException {
        OptionSpec quiet = command.findOption("--quiet");
        boolean silent = quiet != null && Boolean.TRUE.equals(quiet.getValue());
        try (HubDisplay display =
                new HubDisplay(Terminal.of(command.commandLine().getErr()), silent)) {
            return search.in(new ModelLocator(variant, display));
        }
    }
}
