package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.schedulers.SchedulerConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.Autoencoder;
import io.latent4j.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads a model's files, checks that its parts belong together, and loads the weights. */
final class ComponentsLoader {
    private static final String INDEX = "model_index.json";
    private static final List<String> FIRST_CLASSES = List.of(
            "StableDiffusionPipeline",
            "StableDiffusionImg2ImgPipeline",
            "StableDiffusionInpaintPipeline",
            "LatentConsistencyModelPipeline",
            "LatentConsistencyModelImg2ImgPipeline");
    private static final List<String> XL_CLASSES = List.of(
            "StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline");
    private static final List<String> FOLDERS = List.of("scheduler", "text_encoder", "tokenizer", "unet", "vae");
    private static final List<String> XL_FOLDERS =
            List.of("scheduler", "text_encoder_2", "tokenizer_2", "unet", "vae"); // the refiner has no other encoder
    private static final long KEPT_CHUNKS = 64;

    private final ModelFiles files;
    private final NDManager manager;
    private final Placement placement;
    private final Config index;
    private final boolean xl;
    private final UNet2DConditionModel unet;
    private final Autoencoder vae;
    private final DataType vaeDataType;
    private final SchedulerConfig scheduler;
    private final List<TextReader> readers;

    /**
     * Reads everything but weights.
     *
     * @param manager owns the weights
     */
    ComponentsLoader(ModelFiles files, NDManager manager, Placement placement) throws IOException {
        this.files = files;
        this.manager = manager;
        this.placement = placement;
        this.index = files.json(INDEX);
        this.xl = isXl(index);
        checkParts(xl ? XL_FOLDERS : FOLDERS);
        Config schedulerJson = files.json("scheduler/scheduler_config.json");
        this.scheduler = SchedulerConfig.from(schedulerJson.json(), schedulerJson.name());
        this.unet = new UNet2DConditionModel(UNet2DConditionConfig.from(files.json("unet/config.json")));
        Config vaeJson = files.json("vae/config.json");
        this.vae = Autoencoder.of(vaeJson);
        // An autoencoder that overflows float16 says so; bfloat16 has the range, but shows in the image.
        boolean upcast = vaeJson.flag("force_upcast", vae instanceof AutoencoderKL);
        this.vaeDataType = upcast ? DataType.FLOAT32 : placement.dataType();
        this.readers = readers(files, xl);
    }

    /** The model, which is called {@code name}. */
    Components load(String name) throws IOException {
        try {
            checkFit();
            int latentSide = unet.config().sampleSize() > 0 ? unet.config().sampleSize() : 64;
            int side = latentSide * vae.config().downscale();
            Map<ModelPart, PartWeights> weights = weights();
            return new Components(
                    name,
                    manager,
                    false,
                    placement.dataType(),
                    vaeDataType,
                    readers,
                    unet,
                    vae,
                    weights,
                    scheduler,
                    ModelDefaults.of(index, side, scheduler, unet.config()),
                    xl && index.flag("force_zeros_for_empty_prompt", true),
                    texts(weights.get(ModelPart.TEXT_ENCODERS)));
        } catch (IOException | RuntimeException | Error e) {
            readers.forEach(reader -> reader.tokenizer().close());
            throw e;
        }
    }

    private TextCache texts(PartWeights encoders) {
        long mostTokens = KEPT_CHUNKS * readers.get(0).tokenizer().maxLength();
        return placement.offload()
                ? TextCache.ofOffloaded(encoders::changed, manager, mostTokens)
                : TextCache.of(readers, manager, mostTokens);
    }

    static void checkExists(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new IOException(path + ": no such folder or file; expected a model in the layout of diffusers, with "
                    + INDEX + " and folders " + String.join(", ", FOLDERS) + ", or a single file");
        }
    }

    private Map<ModelPart, PartWeights> weights() throws IOException {
        List<PartWeights.Stored> texts = readers.stream()
                .map(reader -> new PartWeights.Stored(
                        reader.encoder(),
                        reader.part() == LoraPart.TEXT_ENCODER_2 ? "text_encoder_2" : "text_encoder",
                        placement.dataType(),
                        ClipTextModel::currentKey))
                .toList();
        Map<ModelPart, PartWeights> parts = new EnumMap<>(ModelPart.class);
        parts.put(
                ModelPart.UNET,
                PartWeights.of(
                        List.of(new PartWeights.Stored(unet, "unet", placement.dataType(), Optional::of)),
                        files,
                        manager,
                        placement.offload()));
        parts.put(
                ModelPart.VAE,
                PartWeights.of(
                        List.of(new PartWeights.Stored(vae.block(), "vae", vaeDataType, vae::keyOf)),
                        files,
                        manager,
                        placement.offload()));
        parts.put(ModelPart.TEXT_ENCODERS, PartWeights.of(texts, files, manager, placement.offload()));
        return parts;
    }

    private static List<TextReader> readers(ModelFiles files, boolean xl) throws IOException {
        List<TextReader> readers = new ArrayList<>();
        try {
            if (files.has("text_encoder")) {
                readers.add(TextReader.read(files, "", LoraPart.TEXT_ENCODER));
            }
            if (xl) {
                readers.add(TextReader.read(files, "_2", LoraPart.TEXT_ENCODER_2));
            }
            return List.copyOf(readers);
        } catch (IOException | RuntimeException | Error e) {
            readers.forEach(reader -> reader.tokenizer().close());
            throw e;
        }
    }

    private void checkParts(List<String> expected) throws IOException {
        List<String> missing =
                expected.stream().filter(part -> !files.has(part)).toList();
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

    private static boolean isXl(Config index) {
        String name = index.text("_class_name", "");
        if (!FIRST_CLASSES.contains(name) && !XL_CLASSES.contains(name)) {
            throw index.bad(
                    "_class_name",
                    "is \"" + name + "\"; expected one of " + String.join(", ", FIRST_CLASSES) + ", "
                            + String.join(", ", XL_CLASSES));
        }
        return XL_CLASSES.contains(name);
    }

    private void checkFit() {
        Path folder = files.location();
        int channels = vae.config().latentChannels();
        if (unet.config().inChannels() != channels && !Components.inpaints(unet, vae)) {
            throw new IllegalArgumentException(folder + "/unet/config.json: in_channels is "
                    + unet.config().inChannels() + "; expected " + channels + ", the VAE's latent_channels, or "
                    + (2 * channels + 1) + " for a model of inpainting");
        }
        fit(
                folder,
                "cross_attention_dim",
                unet.config().crossAttentionDim(),
                "the text encoders' hidden_size",
                readers.stream().mapToInt(r -> r.encoder().config().width()).sum());
        unet.config().textTime().ifPresent(added -> {
            int pooled = Components.pooledWidth(readers);
            int numbers = Components.sizeNumbers(unet, readers);
            int rest = added.inputDim() - pooled - numbers * added.timeEmbedDim();
            if (rest != 0 || numbers < 5 || numbers > 6) {
                throw new IllegalArgumentException(folder
                        + "/unet/config.json: projection_class_embeddings_input_dim is "
                        + added.inputDim() + "; expected the last text encoder's projection_dim, " + pooled
                        + ", and 5 or 6 times addition_time_embed_dim, " + added.timeEmbedDim());
            }
        });
    }

    private static void fit(Path folder, String key, int value, String other, int expected) {
        if (value != expected) {
            throw new IllegalArgumentException(
                    folder + "/unet/config.json: " + key + " is " + value + "; expected " + expected + ", " + other);
        }
    }
}
