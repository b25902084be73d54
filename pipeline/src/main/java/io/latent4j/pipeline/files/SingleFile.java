package io.latent4j.pipeline.files;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.Checkpoint.View;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole model in one file ({@code .safetensors}, {@code .ckpt}) in the layout in which CompVis and Stability published
 * theirs. Weights are views of the file; settings follow from its tensors or come from a folder.
 *
 * <p>What the model predicts, {@link Prediction} says; that goes into the settings of the scheduler, wherever they come from.
 */
final class SingleFile implements ModelFiles {
    private static final String SCHEDULER = "scheduler/scheduler_config.json";

    private final Path location;
    private final FileOptions options;
    private final OriginalShapes shapes;
    private final Prediction prediction;

    private SingleFile(Path location, FileOptions options, OriginalShapes shapes, Prediction prediction) {
        this.location = location;
        this.options = options;
        this.shapes = shapes;
        this.prediction = prediction;
    }

    static SingleFile open(Path file, FileOptions options) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            OriginalShapes shapes = new OriginalShapes(file, checkpoint.tensors());
            return new SingleFile(file, options, shapes, Prediction.of(file, options, shapes, checkpoint));
        }
    }

    @Override
    public List<String> warnings() {
        return prediction.warnings();
    }

    Family family() {
        return shapes.family();
    }

    @Override
    public Path location() {
        return location;
    }

    @Override
    public boolean has(String part) {
        return part.equals("scheduler")
                || shapes.family().weights().contains(part)
                || shapes.family().textEncoders().contains(part.replace("tokenizer", "text_encoder"));
    }

    @Override
    public Config json(String file) throws IOException {
        if (options.config().isPresent()) {
            Config config = Config.read(options.config().get().resolve(file));
            return file.equals(SCHEDULER) ? Config.of(config.name(), prediction.over(config.json())) : config;
        }
        if (file.endsWith("/config.json")) {
            require(file.substring(0, file.indexOf('/')));
        }
        return Config.of(location + " (" + file + ")", settings(file));
    }

    private JsonObject settings(String file) {
        return switch (file) {
            case "model_index.json" ->
                shapes.family().index(unet().get("in_channels").getAsInt());
            case SCHEDULER -> shapes.family().scheduler(prediction.type(), prediction.toZeroSnr());
            case "unet/config.json" -> unet();
            case "vae/config.json" -> shapes.vae();
            case "text_encoder/config.json" -> shapes.textEncoder("text_encoder");
            case "text_encoder_2/config.json" -> shapes.textEncoder("text_encoder_2");
            default ->
                throw new IllegalArgumentException(location + ": has no " + file + "; expected a part's settings");
        };
    }

    private JsonObject unet() {
        boolean large = shapes.family() == Family.STABLE_DIFFUSION_2
                && prediction.type().equals(Prediction.VELOCITY);
        return shapes.unet(large);
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
        if (!shapes.family().weights().contains(part) || part.equals("unet")) {
            return Optional.empty(); // there is no model without a UNet
        }
        String prefix = part.equals(MissingPartException.AUTOENCODER)
                ? AutoencoderNames.PREFIX
                : shapes.family().textPrefix(part);
        return shapes.begins(prefix) ? Optional.empty() : Optional.of(prefix);
    }

    /** Whether the file holds an autoencoder, which is often left out as models share theirs. */
    boolean hasAutoencoder() {
        return missing(MissingPartException.AUTOENCODER).isEmpty();
    }

    /** Whether the settings come from a folder. */
    boolean hasSettings() {
        return options.config().isPresent();
    }

    /** The scale of the latents that the family's autoencoders have. */
    double autoencoderScale() {
        return shapes.family().vaeScale();
    }

    @Override
    public Checkpoint weights(String part) throws IOException {
        require(part);
        Part names = part(part);
        Checkpoint file = Checkpoint.open(location);
        Map<String, View> views = new LinkedHashMap<>();
        names.shapes()
                .forEach((key, shape) ->
                        find(file, names.names().origin(key)).ifPresent(origin -> views.put(key, origin.view(shape))));
        return file.view(views);
    }

    /** Some files of Stable Diffusion 1 leave out {@code text_model}. */
    private static Optional<Origin> find(Checkpoint file, Origin origin) {
        return List.of(origin.key(), origin.key().replace("transformer.text_model.", "transformer.")).stream()
                .filter(file.tensors()::containsKey)
                .map(key -> new Origin(key, origin.form()))
                .findFirst();
    }

    /** A part's keys and shapes here, and their names in the file. */
    record Part(Map<String, Shape> shapes, OriginalNames names) {}

    private Part part(String part) throws IOException {
        return part(part, json(part + "/config.json"), shapes.family().textPrefix(part));
    }

    /** @param textPrefix of the text encoder's keys in the original layout */
    static Part part(String part, Config config, String textPrefix) {
        return switch (part) {
            case "unet" -> {
                UNet2DConditionConfig shape = UNet2DConditionConfig.from(config);
                yield new Part(new UNet2DConditionModel(shape).shapes(), new UNetNames(shape));
            }
            case "vae" -> {
                AutoencoderKLConfig shape = AutoencoderKLConfig.from(config);
                yield new Part(new AutoencoderKL(shape).shapes(), new AutoencoderNames(shape));
            }
            default -> {
                ClipTextConfig shape = ClipTextConfig.from(config);
                boolean openClip = textPrefix.endsWith(".model.");
                yield new Part(
                        new ClipTextModel(shape).shapes(),
                        openClip ? new OpenClipNames(textPrefix, shape) : new OpenAiClipNames(textPrefix));
            }
        };
    }

    @Override
    public TokenizerFolder tokenizer(String part) throws IOException {
        if (options.tokenizer().isEmpty() && options.config().isPresent()) {
            return new TokenizerFolder(options.config().get().resolve(part), Optional.empty());
        }
        Path folder = options.tokenizer().orElseThrow(() -> MissingPartException.tokenizer(location, "", null));
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + ": is not a folder; expected one with vocab.json and merges.txt");
        }
        boolean zeros = shapes.family().isOpenClip(part.replace("tokenizer", "text_encoder"));
        return new TokenizerFolder(folder, zeros ? Optional.of("!") : Optional.empty());
    }
}
