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
import java.util.regex.Pattern;

/**
 * A whole model in one file ({@code .safetensors}, {@code .ckpt}) in the layout in which CompVis and Stability published
 * theirs. Weights are views of the file; settings follow from its tensors or come from a folder.
 *
 * <p>No tensor shows whether a model predicts noise or velocity. It is, in this order, what the caller says, what the
 * file's metadata say, velocity if the file has a tensor {@code v_pred} or {@code ztsnr}, and in Stable Diffusion 2 velocity unless the
 * model inpaints, its name says {@code base}, or it was trained for the 875000 steps of the published base model. A tensor
 * {@code ztsnr} says that a model that predicts velocity was trained on noise alone at the last timestep.
 */
final class SingleFile implements ModelFiles {
    private static final String EPSILON = "epsilon";
    private static final String VELOCITY = "v_prediction";
    static final String VELOCITY_MARK = "v_pred";
    static final String ZERO_SNR = "ztsnr";
    private static final Pattern BASE = Pattern.compile("(^|\\W|_)(base|512)(\\W|_|$)");
    private static final String STEPS_OF_BASE = "875000";
    private static final int INPAINTING_CHANNELS = 9;

    private final Path location;
    private final FileOptions options;
    private final OriginalShapes shapes;
    private final String predictionType;
    private final boolean toZeroSnr;

    private SingleFile(
            Path location, FileOptions options, OriginalShapes shapes, String predictionType, boolean toZeroSnr) {
        this.location = location;
        this.options = options;
        this.shapes = shapes;
        this.predictionType = predictionType;
        this.toZeroSnr = toZeroSnr;
    }

    static SingleFile open(Path file, FileOptions options) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            OriginalShapes shapes = new OriginalShapes(file, checkpoint.tensors());
            String predictionType = predictionType(file, options, shapes, checkpoint);
            boolean toZeroSnr =
                    predictionType.equals(VELOCITY) && checkpoint.tensors().containsKey(ZERO_SNR);
            return new SingleFile(file, options, shapes, predictionType, toZeroSnr);
        }
    }

    private static String predictionType(Path file, FileOptions options, OriginalShapes shapes, Checkpoint checkpoint) {
        if (options.predictionType().isPresent()) {
            return options.predictionType().get();
        }
        Map<String, String> metadata = checkpoint.metadata();
        String said = metadata.getOrDefault("modelspec.prediction_type", "");
        String architecture = metadata.getOrDefault("modelspec.architecture", "");
        if (said.equals("v")
                || architecture.contains("768-v")
                || checkpoint.tensors().containsKey(VELOCITY_MARK)
                || checkpoint.tensors().containsKey(ZERO_SNR)) {
            return VELOCITY;
        }
        boolean noise = said.equals(EPSILON)
                || shapes.family() != Family.STABLE_DIFFUSION_2
                || metadata.getOrDefault("global_step", "").equals(STEPS_OF_BASE)
                || shapes.unet(false).get("in_channels").getAsInt() == INPAINTING_CHANNELS
                || BASE.matcher(String.valueOf(file.getFileName())).find();
        return noise ? EPSILON : VELOCITY;
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
            return Config.read(options.config().get().resolve(file));
        }
        return Config.of(location + " (" + file + ")", settings(file));
    }

    private JsonObject settings(String file) {
        return switch (file) {
            case "model_index.json" ->
                shapes.family().index(unet().get("in_channels").getAsInt());
            case "scheduler/scheduler_config.json" -> shapes.family().scheduler(predictionType, toZeroSnr);
            case "unet/config.json" -> unet();
            case "vae/config.json" -> shapes.vae();
            case "text_encoder/config.json" -> shapes.textEncoder("text_encoder");
            case "text_encoder_2/config.json" -> shapes.textEncoder("text_encoder_2");
            default ->
                throw new IllegalArgumentException(location + ": has no " + file + "; expected a part's settings");
        };
    }

    private JsonObject unet() {
        boolean large = shapes.family() == Family.STABLE_DIFFUSION_2 && predictionType.equals(VELOCITY);
        return shapes.unet(large);
    }

    @Override
    public Checkpoint weights(String part) throws IOException {
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
        Path folder = options.tokenizer()
                .orElseThrow(() -> new IOException(location + ": a single file holds no tokenizer; expected --tokenizer"
                        + " DIR with vocab.json and merges.txt of openai/clip-vit-large-patch14, or --config DIR with a"
                        + " model's folder"));
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + ": is not a folder; expected one with vocab.json and merges.txt");
        }
        boolean zeros = shapes.family().isOpenClip(part.replace("tokenizer", "text_encoder"));
        return new TokenizerFolder(folder, zeros ? Optional.of("!") : Optional.empty());
    }
}
