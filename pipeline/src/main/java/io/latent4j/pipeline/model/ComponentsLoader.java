package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.engine.PyTorch;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Precision;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.Autoencoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a model's files, checks that its parts belong together, and loads the weights. */
final class ComponentsLoader {
    private static final long KEPT_CHUNKS = 64;

    private final UNetFamily family;
    private final ModelFiles files;
    private final NDManager manager;
    private final Placement placement;
    private final Config index;
    private final UNet2DConditionModel unet;
    private final Autoencoder vae;
    private final Precision vaePrecision;
    private final SchedulerConfig scheduler;
    private final List<TextReader> readers;

    /**
     * Reads everything but weights.
     *
     * @param manager owns the weights
     */
    private ComponentsLoader(UNetFamily family, ModelFiles files, NDManager manager, Placement placement)
            throws IOException {
        this.family = family;
        this.files = files;
        this.manager = manager;
        this.placement = placement;
        this.index = files.json(ModelKind.INDEX);
        files.require(family.folders());
        Config schedulerJson = files.json("scheduler/scheduler_config.json");
        this.scheduler = SchedulerConfig.from(schedulerJson.json(), schedulerJson.name());
        this.unet = new UNet2DConditionModel(UNet2DConditionConfig.from(files.json("unet/config.json")));
        Config vaeJson = files.json("vae/config.json");
        this.vae = Autoencoder.of(vaeJson);
        this.vaePrecision = placement.ofAutoencoder(vaeJson, vae);
        this.readers = readers(family, files);
    }

    /** Opens a model, which is called {@code name}. */
    static Components open(UNetFamily family, String name, ModelFiles files, Placement placement) throws IOException {
        NDManager manager = PyTorch.engine().newBaseManager(placement.device());
        try {
            return Scopes.outliving(manager, () -> new ComponentsLoader(family, files, manager, placement).load(name));
        } catch (IOException | RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    private Components load(String name) throws IOException {
        try {
            checkFit();
            int latentSide = unet.config().sampleSize() > 0 ? unet.config().sampleSize() : 64;
            int side = latentSide * vae.config().downscale();
            UNetConditions conditions = family.conditions(
                    index, unet.config(), readers, files.location().toString());
            Map<ModelPart, PartWeights> weights = weights();
            PartWeights encoders = weights.get(ModelPart.TEXT_ENCODERS);
            return new Components(
                    family,
                    name,
                    manager,
                    false,
                    placement.precision(),
                    vaePrecision,
                    new UNetConditioner(name, readers, conditions, encoders, texts(encoders)),
                    new UNetDenoiser(
                            unet, placement.precision().compute(), Components.inpaints(unet, vae), conditions::added),
                    vae,
                    weights,
                    scheduler,
                    ModelDefaults.of(index, side, scheduler, unet.config()),
                    files.warnings(),
                    new Leases("the model " + name));
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
                    + ModelKind.INDEX + " and a folder for each part, or a single file");
        }
    }

    private Map<ModelPart, PartWeights> weights() throws IOException {
        List<PartWeights.Stored> texts = readers.stream()
                .map(reader -> new PartWeights.Stored(
                        reader.encoder().block(),
                        reader.role().encoder(),
                        placement.precision(),
                        reader.encoder()::keyOf))
                .toList();
        Map<ModelPart, PartWeights> parts = new EnumMap<>(ModelPart.class);
        parts.put(
                ModelPart.DENOISER,
                PartWeights.of(
                        List.of(new PartWeights.Stored(unet, "unet", placement.precision(), Optional::of)),
                        files,
                        manager,
                        placement.offload()));
        parts.put(
                ModelPart.VAE,
                PartWeights.of(
                        List.of(new PartWeights.Stored(vae.block(), "vae", vaePrecision, vae::keyOf)),
                        files,
                        manager,
                        placement.offload()));
        parts.put(ModelPart.TEXT_ENCODERS, PartWeights.of(texts, files, manager, placement.offload()));
        return parts;
    }

    private static List<TextReader> readers(UNetFamily family, ModelFiles files) throws IOException {
        List<TextReader> readers = new ArrayList<>();
        try {
            for (TextPart part : family.textParts()) {
                if (!part.isOptional() || files.has(part.encoder())) {
                    readers.add(TextReader.read(files, part));
                }
            }
            return List.copyOf(readers);
        } catch (IOException | RuntimeException | Error e) {
            readers.forEach(reader -> reader.tokenizer().close());
            throw e;
        }
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
    }

    private static void fit(Path folder, String key, int value, String other, int expected) {
        if (value != expected) {
            throw new IllegalArgumentException(
                    folder + "/unet/config.json: " + key + " is " + value + "; expected " + expected + ", " + other);
        }
    }
}
