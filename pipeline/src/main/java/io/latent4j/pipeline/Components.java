package io.latent4j.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.ConfigJson;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.TokenizerFolder;
import io.latent4j.schedulers.SchedulerConfig;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The loaded parts of one text-to-image model. Any number of threads may use them at a time; {@link #close} frees the
 * weights, and must wait until no run uses them.
 */
public final class Components implements AutoCloseable {
    private static final String INDEX = "model_index.json";
    private static final List<String> FOLDERS = List.of("scheduler", "text_encoder", "tokenizer", "unet", "vae");

    private final String name;
    private final NDManager manager;
    private final DataType dataType;
    private final DataType vaeDataType;
    private final ClipTokenizer tokenizer;
    private final ClipTextModel textEncoder;
    private final UNet2DConditionModel unet;
    private final AutoencoderKL vae;
    private final SchedulerConfig scheduler;
    private final ModelDefaults defaults;

    private Components(String name, ModelFiles files, NDManager manager, DataType dataType) throws IOException {
        this.name = name;
        this.manager = manager;
        this.dataType = dataType;
        Path location = files.location();
        ConfigJson index = files.json(INDEX);
        index.require("_class_name", "StableDiffusionPipeline");
        checkParts(files);
        ConfigJson schedulerJson = files.json("scheduler/scheduler_config.json");
        scheduler = SchedulerConfig.from(schedulerJson.json(), schedulerJson.name());
        try (Checkpoint weights = files.weights("text_encoder")) {
            textEncoder = ClipTextModel.load(files.json("text_encoder/config.json"), weights, manager, dataType);
        }
        try (Checkpoint weights = files.weights("unet")) {
            unet = UNet2DConditionModel.load(files.json("unet/config.json"), weights, manager, dataType);
        }
        // An autoencoder that overflows float16 says so; bfloat16 has the range, but shows in the picture.
        ConfigJson vaeJson = files.json("vae/config.json");
        vaeDataType = vaeJson.flag("force_upcast", true) ? DataType.FLOAT32 : dataType;
        try (Checkpoint weights = files.weights("vae")) {
            vae = AutoencoderKL.load(vaeJson, weights, manager, vaeDataType);
        }
        checkFit(location);
        int latentSide = unet.config().sampleSize() > 0 ? unet.config().sampleSize() : 64;
        defaults = ModelDefaults.of(index, latentSide * vae.config().downscale());
        tokenizer = tokenizer(files.tokenizer("tokenizer"), textEncoder.config());
    }

    private Components(
            String name,
            NDManager manager,
            ClipTokenizer tokenizer,
            ClipTextModel textEncoder,
            UNet2DConditionModel unet,
            AutoencoderKL vae,
            SchedulerConfig scheduler,
            ModelDefaults defaults) {
        this.name = name;
        this.manager = manager;
        this.dataType = DataType.FLOAT32;
        this.vaeDataType = DataType.FLOAT32;
        this.tokenizer = tokenizer;
        this.textEncoder = textEncoder;
        this.unet = unet;
        this.vae = vae;
        this.scheduler = scheduler;
        this.defaults = defaults;
    }

    private Components(Components parts, SchedulerConfig scheduler) {
        this.name = parts.name;
        this.manager = parts.manager;
        this.dataType = parts.dataType;
        this.vaeDataType = parts.vaeDataType;
        this.tokenizer = parts.tokenizer;
        this.textEncoder = parts.textEncoder;
        this.unet = parts.unet;
        this.vae = parts.vae;
        this.defaults = parts.defaults;
        this.scheduler = scheduler;
    }

    /** Loads a model on the best device there is, a GPU before the CPU. */
    public static Components load(Path folder) throws IOException {
        Device device = Devices.named("auto");
        return load(folder, device, Devices.dataType("auto", device));
    }

    /**
     * Loads a model from a folder in the layout of diffusers, {@code model_index.json} and a folder for each part, or from a
     * single file: see {@link ModelFiles}.
     *
     * @param dataType of the text encoder's and UNet's weights and activations, and of the VAE's unless its config forces
     *     float32; latents and schedulers are float32 always
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported, or weights do not fit
     */
    public static Components load(Path path, Device device, DataType dataType) throws IOException {
        checkExists(path);
        return load(ModelFiles.of(path), device, dataType);
    }

    /** {@link #load(Path, Device, DataType)} of files that are already known. */
    public static Components load(ModelFiles files, Device device, DataType dataType) throws IOException {
        Path name = files.location().toAbsolutePath().normalize().getFileName();
        return load(name == null ? files.location().toString() : name.toString(), files, device, dataType);
    }

    /**
     * Parts that are there already, a model in training for instance, in float32. They stay the caller's, who closes them
     * and not this.
     *
     * @param name what to call the model
     * @param manager that runs make theirs below
     */
    public static Components of(
            String name,
            NDManager manager,
            ClipTokenizer tokenizer,
            ClipTextModel textEncoder,
            UNet2DConditionModel unet,
            AutoencoderKL vae,
            SchedulerConfig scheduler,
            ModelDefaults defaults) {
        return new Components(name, manager, tokenizer, textEncoder, unet, vae, scheduler, defaults);
    }

    private static Components load(String name, ModelFiles files, Device device, DataType dataType) throws IOException {
        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            return new Components(name, files, manager, dataType);
        } catch (IOException | RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    private static void checkExists(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new IOException(path + ": no such folder or file; expected a model in the layout of diffusers, with "
                    + INDEX + " and folders " + String.join(", ", FOLDERS) + ", or a single file");
        }
    }

    /** Loads the model that ships with latent4j, from the class path: see {@link EmbeddedModel}. */
    public static Components embedded() throws IOException {
        Device device = Devices.named("auto");
        return embedded(device, DataType.FLOAT32);
    }

    /** Loads the model that ships with latent4j, from the class path: see {@link EmbeddedModel}. */
    public static Components embedded(Device device, DataType dataType) throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            return load(model.name(), ModelFiles.of(model.folder()), device, dataType);
        }
    }

    private static void checkParts(ModelFiles files) throws IOException {
        List<String> missing = FOLDERS.stream().filter(part -> !files.has(part)).toList();
        if (missing.isEmpty()) {
            return;
        }
        String message = files.location() + ": has no folder " + String.join(", ", missing);
        if (!Files.isDirectory(files.location())) {
            throw new IOException(message);
        }
        try (Stream<Path> entries = Files.list(files.location())) {
            throw new IOException(message + "; there is "
                    + entries.map(e -> e.getFileName().toString()).sorted().toList());
        }
    }

    private void checkFit(Path folder) {
        if (unet.config().textTime().isPresent()) {
            throw new IllegalArgumentException(folder + ": the UNet takes pooled text and sizes, as SDXL's does; "
                    + "the pipeline runs Stable Diffusion 1 and 2");
        }
        fit(
                folder,
                "in_channels",
                unet.config().inChannels(),
                "the VAE's latent_channels",
                vae.config().latentChannels());
        fit(
                folder,
                "cross_attention_dim",
                unet.config().crossAttentionDim(),
                "the text encoder's hidden_size",
                textEncoder.config().width());
    }

    private static ClipTokenizer tokenizer(TokenizerFolder files, ClipTextConfig reader) throws IOException {
        ClipTokenizer tokenizer = files.read();
        boolean fits =
                tokenizer.vocabularySize() <= reader.vocabularySize() && tokenizer.maxLength() <= reader.maxPositions();
        if (fits) {
            return tokenizer;
        }
        tokenizer.close();
        throw new IllegalArgumentException(
                files.folder() + ": has ids below " + tokenizer.vocabularySize() + " and texts of "
                        + tokenizer.maxLength() + "; expected at most the text encoder's vocab_size, "
                        + reader.vocabularySize() + ", and max_position_embeddings, " + reader.maxPositions());
    }

    private static void fit(Path folder, String key, int value, String other, int expected) {
        if (value != expected) {
            throw new IllegalArgumentException(
                    folder + "/unet/config.json: " + key + " is " + value + "; expected " + expected + ", " + other);
        }
    }

    /** What to call the model: its folder's or file's name. */
    public String name() {
        return name;
    }

    /** Owns the weights; runs make their own managers below it. */
    public NDManager manager() {
        return manager;
    }

    /** Where the weights are and the work is done. */
    public Device device() {
        return manager.getDevice();
    }

    /** The data type of the text encoder and the UNet. */
    public DataType dataType() {
        return dataType;
    }

    /** The data type of the VAE. */
    public DataType vaeDataType() {
        return vaeDataType;
    }

    public ClipTokenizer tokenizer() {
        return tokenizer;
    }

    public ClipTextModel textEncoder() {
        return textEncoder;
    }

    public UNet2DConditionModel unet() {
        return unet;
    }

    public AutoencoderKL vae() {
        return vae;
    }

    /**
     * Reads an adapter file for the text encoder and the UNet, which stay as they are: see {@link
     * GenerationRequest#withLoras}. The caller closes it, before this.
     *
     * @throws IOException if the file is damaged, or holds no adapter of a kind that is supported
     * @throws IllegalArgumentException if it is for another kind of model
     */
    public Lora lora(Path file) throws IOException {
        return Lora.load(file, Map.of(LoraPart.UNET, unet, LoraPart.TEXT_ENCODER, textEncoder), manager);
    }

    /** What the model's scheduler file says. */
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    /** These parts under another scheduler file. The weights are shared: closing either frees them for both. */
    public Components withScheduler(SchedulerConfig scheduler) {
        return new Components(this, scheduler);
    }

    /** What a request that leaves things open gets. */
    public ModelDefaults defaults() {
        return defaults;
    }

    @Override
    public void close() {
        tokenizer.close();
        manager.close();
    }
}
