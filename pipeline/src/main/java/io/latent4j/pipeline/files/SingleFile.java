package io.latent4j.pipeline.files;

import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.Checkpoint.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole model in one file ({@code .safetensors}, {@code .ckpt}) in the layout in which its family was published. Weights are views of the file; settings follow from its tensors or come from a folder.
 *
 * <p>What the model predicts, {@link Prediction} says; that goes into the settings of the scheduler, wherever they come from.
 */
final class SingleFile implements ModelFiles {
    private static final String SCHEDULER = "scheduler/scheduler_config.json";

    private final Path location;
    private final FileOptions options;
    private final SingleFileLayout layout;
    private final FileTensors tensors;
    private final Prediction prediction;
    private final List<String> warnings;

    private SingleFile(
            Path location,
            FileOptions options,
            SingleFileLayout layout,
            FileTensors tensors,
            Prediction prediction,
            List<String> warnings) {
        this.location = location;
        this.options = options;
        this.layout = layout;
        this.tensors = tensors;
        this.prediction = prediction;
        this.warnings = List.copyOf(warnings);
    }

    static SingleFile open(Path file, FileOptions options) throws IOException {
        return open(file, options, WeightChoice.PLAIN);
    }

    /** @param choice of weights, which has no effect: there is one set of them */
    static SingleFile open(Path file, FileOptions options, WeightChoice choice) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            FileTensors tensors = new FileTensors(file, checkpoint.tensors());
            SingleFileLayout layout = Layouts.installed().of(tensors);
            Prediction prediction = Prediction.of(options, layout, tensors, checkpoint.metadata());
            List<String> warnings = new ArrayList<>(prediction.warnings());
            if (choice.variant().isPresent() && !choice.orPlain()) {
                warnings.add(file + ": is a single file and has one set of weights; the variant "
                        + choice.variant().get() + " has no effect");
            }
            return new SingleFile(file, options, layout, tensors, prediction, warnings);
        }
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    SingleFileLayout layout() {
        return layout;
    }

    @Override
    public Path location() {
        return location;
    }

    @Override
    public boolean has(String part) {
        return part.equals("scheduler")
                || layout.parts().contains(part)
                || layout.tokenizers().contains(part);
    }

    @Override
    public Config json(String file) throws IOException {
        if (file.endsWith("/config.json")) {
            require(file.substring(0, file.indexOf('/')));
        }
        return settings(file);
    }

    /** What the folder of settings says, or else the tensors, of a part that may be missing. */
    Config settings(String file) throws IOException {
        if (options.config().isPresent()) {
            Config config = Config.read(options.config().get().resolve(file));
            return file.equals(SCHEDULER) ? Config.of(config.name(), prediction.over(config.json())) : config;
        }
        return Config.of(location + " (" + file + ")", layout.settings(file, tensors, prediction));
    }

    /** @throws MissingPartException if the file has no tensor of a part that belongs to its family */
    private void require(String part) throws MissingPartException {
        Optional<String> prefix = missing(part);
        if (prefix.isPresent()) {
            throw MissingPartException.of(location, part, prefix.get());
        }
    }

    /** What the keys of a part begin with that the file lacks; empty if it has some, or its family has no such part. */
    private Optional<String> missing(String part) {
        return Optional.of(part)
                .filter(layout.parts()::contains)
                .map(layout::prefix)
                .filter(prefix -> !tensors.begins(prefix));
    }

    /** Whether the file holds an autoencoder, which is often left out as models share theirs. */
    boolean hasAutoencoder() {
        return missing(MissingPartException.AUTOENCODER).isEmpty();
    }

    /** Whether the settings come from a folder. */
    boolean hasSettings() {
        return options.config().isPresent();
    }

    @Override
    public Checkpoint weights(String part) throws IOException {
        require(part);
        PartLayout names = layout.part(part, json(part + "/config.json"));
        Checkpoint file = Checkpoint.open(location);
        Map<String, View> views = new LinkedHashMap<>();
        names.shapes()
                .forEach((key, shape) ->
                        find(file, names.origins().apply(key)).ifPresent(origin -> views.put(key, origin.view(shape))));
        return file.view(views);
    }

    /** Some files of Stable Diffusion 1 leave out {@code text_model}. */
    private static Optional<Origin> find(Checkpoint file, Origin origin) {
        return List.of(origin.key(), origin.key().replace("transformer.text_model.", "transformer.")).stream()
                .filter(file.tensors()::containsKey)
                .map(key -> new Origin(key, origin.form()))
                .findFirst();
    }

    @Override
    public TokenizerFolder tokenizer(String part) throws IOException {
        if (options.tokenizer().isEmpty() && options.config().isPresent()) {
            return new TokenizerFolder(options.config().get().resolve(part), Optional.empty());
        }
        Path folder = options.tokenizer()
                .orElseThrow(() -> MissingPartException.tokenizer(location, layout.onHub(), "", null));
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + ": is not a folder; expected one with vocab.json and merges.txt");
        }
        return new TokenizerFolder(folder, layout.padding(part));
    }
}
