package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.config.ConfigJson;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.ModelDefaults;
import io.latent4j.pipeline.StableDiffusionPipeline;
import io.latent4j.schedulers.SchedulerConfig;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.data.CaptionedPictures;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Trains a text-conditioned UNet, and the text encoder with it if asked, in the latent space of an autoencoder that is
 * there; writes a folder that the pipeline runs: {@code model} in the run's.
 */
public final class TextToImageTraining implements Training {
    private final NDManager manager;
    private final RunFolder output;
    private final TrainingLoop.Watcher watcher;
    private final Path autoencoder;
    private final Path tokenizerFolder;
    private final ClipTokenizer tokenizer;
    private final JsonObject textConfig;
    private final ClipTextModel textEncoder;
    private final JsonObject unetConfig;
    private final UNet2DConditionModel unet;
    private final JsonObject scheduler;
    private final JsonObject index;
    private final PromptSamples prompts;
    private final int side;
    private final RunCaches caches;
    private final EncodedPictures pictures;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided pictures to train on, instead of those that {@code file} names
     */
    TextToImageTraining(
            NDManager manager,
            RunFile file,
            Optional<CaptionedPictures> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.manager = manager;
        this.output = output;
        this.watcher = watcher;
        int seed = file.integer("seed", 0, 0);
        PictureData data = PictureData.read(file.section("data"), PictureData.Kind.CAPTIONED, provided, seed);
        this.side = data.side();
        this.autoencoder = file.requiredPath("autoencoder");
        RunFile text = file.section("text_encoder");
        RunFile tokens = file.section("tokenizer");
        RunFile network = file.section("unet");
        boolean trainsText = text.flag("train", true);
        this.scheduler = file.object("scheduler")
                .orElseThrow(() -> new IllegalArgumentException(
                        file + ": scheduler is missing; expected what scheduler_config.json has"));
        this.index = file.object("model_index").orElseGet(JsonObject::new);
        SchedulerConfig noise = SchedulerConfig.from(scheduler, file + ": scheduler");
        RunFile loss = file.section("loss");
        RunFile training = file.section("training");
        int batch = training.integer("batch", 1, 16);
        double captionDropout = loss.real("caption_dropout", 0.1);
        DiffusionFile diffusion = DiffusionFile.read(loss, noise);
        TrainingLoop.Settings settings = LoopFile.read(training);
        this.prompts = PromptSamples.read(file.section("samples"));

        AutoencoderKLConfig latents = AutoencoderKLConfig.from(ConfigJson.read(autoencoder.resolve("config.json")));
        data.require(latents.downscale());
        Optional<Path> textFrom = text.path("from");
        Optional<JsonObject> textGiven = text.object("config");
        Optional<Path> unetFrom = network.path("from");
        Optional<JsonObject> unetGiven = network.object("config");
        Optional<Path> tokensFrom = tokens.path("from");
        int entries = tokens.integer("entries", 514, 49408);
        int maxLength = tokens.integer("max_length", 3, 77);
        this.caches = RunCaches.read(file, output, watcher);
        file.refuseTheRest();
        output.record(file.json()).forEach(change -> watcher.note("since last time: " + change));

        this.tokenizerFolder = tokensFrom.orElse(output.path().resolve("tokenizer"));
        if (tokensFrom.isEmpty()) {
            TokenizerTraining.write(data.allCaptions(), entries, maxLength, tokenizerFolder);
        }
        this.tokenizer = ClipTokenizer.read(tokenizerFolder);
        CaptionLengths.of(data.captions(), tokenizer).ifPresent(watcher::note);

        this.textConfig = config(text, textFrom, textGiven);
        if (textFrom.isPresent()) {
            textEncoder = ClipTextModel.load(textFrom.get(), manager, DataType.FLOAT32);
        } else {
            textConfig.addProperty("vocab_size", tokenizer.vocabularySize());
            textConfig.addProperty("max_position_embeddings", tokenizer.maxLength());
            textConfig.addProperty("bos_token_id", tokenizer.bos());
            textConfig.addProperty("eos_token_id", tokenizer.eos());
            textConfig.addProperty("pad_token_id", tokenizer.pad());
            textEncoder = new ClipTextModel(ClipTextConfig.from(ConfigJson.of(text + " config", textConfig)));
            Initialization.fill(textEncoder, manager, seed);
        }
        this.unetConfig = config(network, unetFrom, unetGiven);
        fits(network, UNet2DConditionConfig.from(ConfigJson.of(network + " config", unetConfig)), latents, diffusion);
        if (unetFrom.isPresent()) {
            unet = UNet2DConditionModel.load(unetFrom.get(), manager, DataType.FLOAT32);
        } else {
            unet = new UNet2DConditionModel(UNet2DConditionConfig.from(ConfigJson.of(network + " config", unetConfig)));
            Initialization.fill(unet, manager, seed);
        }
        ImmutableMap.Builder<String, NamedBlock> trained = ImmutableMap.builder();
        trained.put("unet", unet);
        if (trainsText) {
            trained.put("text_encoder", textEncoder);
        }
        Parameters parameters = Parameters.of(trained.buildOrThrow());
        this.pictures = new EncodedPictures(
                data,
                new FolderEncoder(autoencoder, latents, manager),
                new EncodedPictures.Settings(batch, settings.accumulate(), captionDropout, data.threads()),
                caches.open("latents"),
                watcher);
        watcher.note(pictures.plan());
        TextConditions reading = TextConditions.of(textEncoder, tokenizer);
        TextConditions texts = trainsText
                ? reading
                : textFrom.isEmpty() || data.variesCaptions()
                        ? TextConditions.frozen(reading)
                        : KeptTexts.of(
                                textEncoder,
                                tokenizer,
                                caches.open("texts"),
                                ContentName.of(textFrom.get(), tokenizerFolder));
        loop = new TrainingLoop(
                settings,
                output.path(),
                parameters,
                new LatentDiffusion(
                        (pass, noisy, times, told) ->
                                unet.forward(pass, noisy, times, told.context(), Optional.empty()),
                        texts,
                        diffusion,
                        latents.scalingFactor(),
                        pictures,
                        seed,
                        manager),
                prompts.isEmpty() ? Optional.empty() : Optional.of(this::samples),
                watcher);
        watcher.prepared(new RunFacts(
                "text to image", parameters.count(), data.learned(), data.setAside(), batch * settings.accumulate()));
    }

    /** Checks that the UNet's channels are those of its neighbours, before anything is loaded. */
    private void fits(
            RunFile network, UNet2DConditionConfig config, AutoencoderKLConfig latents, DiffusionFile diffusion) {
        String of = ", the latent_channels of the autoencoder in " + autoencoder;
        if (config.inChannels() != latents.latentChannels()) {
            throw network.bad("in_channels", config.inChannels(), latents.latentChannels() + of);
        }
        int answers = latents.latentChannels() * diffusion.loss().answers();
        if (config.outChannels() != answers) {
            throw network.bad(
                    "out_channels",
                    config.outChannels(),
                    answers + (diffusion.loss().answers() == 1 ? of : ", for latents and their learned variance"));
        }
        int width = textEncoder.config().width();
        if (config.crossAttentionDim() != width) {
            throw network.bad(
                    "cross_attention_dim", config.crossAttentionDim(), width + ", the text encoder's hidden_size");
        }
    }

    private static JsonObject config(RunFile section, Optional<Path> from, Optional<JsonObject> given)
            throws IOException {
        if (from.isPresent()) {
            return ConfigJson.read(from.get().resolve("config.json")).json();
        }
        return given.orElseThrow(() -> new IllegalArgumentException(
                section + ": expected config, what its config.json has, or from, a folder"));
    }

    /**
     * Reads a run file and makes ready.
     *
     * @param manager owns the weights; its device is where training runs
     * @throws IllegalArgumentException naming what in the file is wrong
     * @throws IOException if a file cannot be read, or another process is at this run
     */
    public static TextToImageTraining open(
            Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher) throws IOException {
        return RunFolder.begin(
                file,
                options,
                watcher,
                (run, output) -> new TextToImageTraining(manager, run, options.pictures(), output, watcher));
    }

    /** {@link #open(Path, StartOptions, NDManager, TrainingLoop.Watcher)} as the run file says. */
    public static TextToImageTraining open(Path file, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        return open(file, StartOptions.DEFAULT, manager, watcher);
    }

    /** Trains, and writes the model. */
    @Override
    public Optional<Path> run() throws IOException {
        return loop.run() ? Optional.of(save(output.path().resolve("model"))) : Optional.empty();
    }

    /** Pictures of the prompts; the autoencoder is there for as long as that takes only. */
    private BufferedImage samples(long step) throws IOException {
        try (NDManager passing = manager.newSubManager()) {
            Components parts = Components.of(
                    "step " + step,
                    passing,
                    tokenizer,
                    textEncoder,
                    unet,
                    AutoencoderKL.load(autoencoder, passing, DataType.FLOAT32),
                    SchedulerConfig.from(scheduler, "the run file's scheduler"),
                    new ModelDefaults(side, side, prompts.steps(), prompts.guidanceScale()));
            return prompts.draw("Step " + step, new StableDiffusionPipeline(parts), watcher::stopping);
        }
    }

    /** Writes the model as it is now, its parameters averaged, to {@code folder}. */
    public Path save(Path folder) throws IOException {
        loop.averaged(() -> ModelFolder.write(folder, draft -> {
            ModelFolder.part(
                    draft.resolve("unet"), unetConfig, unet, "diffusion_pytorch_model.safetensors", StoredType.F16);
            ModelFolder.part(
                    draft.resolve("text_encoder"), textConfig, textEncoder, "model.safetensors", StoredType.F16);
            ModelFolder.copy(autoencoder, draft.resolve("vae"));
            ModelFolder.copy(tokenizerFolder, draft.resolve("tokenizer"));
            Files.createDirectories(draft.resolve("scheduler"));
            ModelFolder.json(draft.resolve("scheduler").resolve("scheduler_config.json"), scheduler);
            ModelFolder.index(draft, index);
        }));
        return folder;
    }

    @Override
    public void close() {
        pictures.close();
        caches.close();
        tokenizer.close();
        manager.close();
        output.close();
    }
}
