package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.batches.ContentName;
import io.latent4j.training.batches.EncodedImages;
import io.latent4j.training.batches.FolderEncoder;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.config.RunFile;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.config.WrittenConfig;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.diffusion.DiffusionFile;
import io.latent4j.training.diffusion.LatentDiffusion;
import io.latent4j.training.model.CaptionLengths;
import io.latent4j.training.model.KeptTexts;
import io.latent4j.training.model.TextConditions;
import io.latent4j.training.model.TokenizerTraining;
import io.latent4j.training.model.WholeModel;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.run.Checkpoints;
import io.latent4j.training.run.LoopFile;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.RunCaches;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.training.samples.PromptSamples;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    private final EncodedImages images;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided images to train on, instead of those that {@code file} names
     */
    TextToImageTraining(
            NDManager manager,
            RunFile file,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.manager = manager;
        this.output = output;
        this.watcher = watcher;
        int seed = file.integer("seed", 0, 0);
        ImageData data = ImageData.read(file.section("data"), ImageData.Kind.CAPTIONED, provided, seed);
        this.side = data.side();
        Optional<WholeModel> model = file.path("model").map(WholeModel::new);
        this.autoencoder = from(file.path("autoencoder"), model, "vae")
                .orElseThrow(() -> new IllegalArgumentException(
                        file + ": autoencoder is missing; expected its folder, or model, a folder of all parts"));
        RunFile text = file.section("text_encoder");
        RunFile tokens = file.section("tokenizer");
        RunFile network = file.section("unet");
        boolean trainsText = text.flag("train", true);
        Optional<JsonObject> written = file.object("scheduler");
        SchedulerConfig noise;
        if (written.isPresent()) {
            this.scheduler = written.get();
            noise = WrittenConfig.scheduler(file + ": scheduler", scheduler);
        } else {
            this.scheduler = model.orElseThrow(() -> new IllegalArgumentException(
                            file + ": scheduler is missing; expected what scheduler_config.json has"))
                    .scheduler();
            noise = SchedulerConfig.from(scheduler, model.get() + " scheduler");
        }
        Optional<JsonObject> more = file.object("model_index");
        this.index = more.isPresent() || model.isEmpty()
                ? more.orElseGet(JsonObject::new)
                : model.get().index();
        RunFile loss = file.section("loss");
        RunFile training = file.section("training");
        int batch = training.integer("batch", 1, 16);
        double captionDropout = loss.real("caption_dropout", 0.1);
        DiffusionFile diffusion = DiffusionFile.read(loss, noise);
        LoopFile loopFile = LoopFile.read(training);
        this.prompts = PromptSamples.read(file.section("samples"));

        AutoencoderKLConfig latents = AutoencoderKLConfig.from(Config.read(autoencoder.resolve("config.json")));
        data.require(latents.downscale());
        Optional<JsonObject> textGiven = text.object("config");
        Optional<Path> textFrom = from(text.path("from"), model.filter(m -> textGiven.isEmpty()), "text_encoder");
        Optional<JsonObject> unetGiven = network.object("config");
        Optional<Path> unetFrom = from(network.path("from"), model.filter(m -> unetGiven.isEmpty()), "unet");
        boolean own = tokens.has("entries") || tokens.has("max_length");
        Optional<Path> tokensFrom = from(tokens.path("from"), model.filter(m -> !own), "tokenizer");
        int entries = tokens.integer("entries", 514, 49408);
        int maxLength = tokens.integer("max_length", 3, 77);
        this.caches = RunCaches.read(file, output, watcher);
        file.refuseTheRest();
        checkTokenizer(tokens, tokensFrom, textFrom);
        this.unetConfig = config(network, unetFrom, unetGiven);
        UNet2DConditionConfig shape = unetFrom.isPresent()
                ? UNet2DConditionConfig.from(Config.of(unetFrom.get() + "/config.json", unetConfig))
                : WrittenConfig.unet(network + " config", unetConfig);
        this.textConfig = config(text, textFrom, textGiven);
        ClipTextConfig reader = textFrom.isPresent()
                ? ClipTextConfig.from(Config.of(textFrom.get() + "/config.json", textConfig))
                : WrittenConfig.textEncoder(text + " config", textConfig);
        fits(network, shape, reader.width(), latents, diffusion);
        TrainingLoop.Settings settings = loopFile.on(() -> data.batchesPerEpoch(batch, latents.downscale()), watcher);
        data.checkWhole(watcher);
        List<String> changes = output.compare(file.json());
        changes.forEach(change -> watcher.note("since last time: " + change));

        this.tokenizerFolder = tokensFrom.orElse(output.path().resolve("tokenizer"));
        if (tokensFrom.isEmpty() && !Checkpoints.areIn(output.path())) {
            TokenizerTraining.write(data.allCaptions(), entries, maxLength, tokenizerFolder);
        } else if (tokensFrom.isEmpty() && changes.stream().anyMatch(change -> change.startsWith("tokenizer."))) {
            watcher.note("going on from the checkpoint, with its tokenizer; tokenizer.entries and tokenizer.max_length"
                    + " count for a new run only (--fresh)");
        }
        this.tokenizer = ClipTokenizer.read(tokenizerFolder);
        try {
            CaptionLengths.of(data.captions(), tokenizer).ifPresent(watcher::note);
            if (textFrom.isPresent()) {
                checkReads(reader, textFrom.get());
                textEncoder = ClipTextModel.load(textFrom.get(), manager, Precision.FLOAT32);
            } else {
                textConfig.addProperty("vocab_size", tokenizer.vocabularySize());
                textConfig.addProperty("max_position_embeddings", tokenizer.maxLength());
                textConfig.addProperty("bos_token_id", tokenizer.bos());
                textConfig.addProperty("eos_token_id", tokenizer.eos());
                textConfig.addProperty("pad_token_id", tokenizer.pad());
                textEncoder = new ClipTextModel(ClipTextConfig.from(Config.of(text + " config", textConfig)));
                Initialization.fill(textEncoder, manager, seed);
            }
            if (unetFrom.isPresent()) {
                unet = UNet2DConditionModel.load(unetFrom.get(), manager, Precision.FLOAT32);
            } else {
                unet = new UNet2DConditionModel(shape);
                Initialization.fill(unet, manager, seed);
            }
            ImmutableMap.Builder<String, NamedBlock> trained = ImmutableMap.builder();
            trained.put("unet", unet);
            if (trainsText) {
                trained.put("text_encoder", textEncoder);
            }
            Parameters parameters = Parameters.of(trained.buildOrThrow());
            this.images = new EncodedImages(
                    data,
                    new FolderEncoder(autoencoder, latents, manager),
                    new EncodedImages.Settings(batch, settings.accumulate(), captionDropout, data.threads()),
                    caches.open("latents"),
                    watcher);
            watcher.note(images.plan());
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
                                    unet.forward(pass, UNetInput.of(noisy, times, told.context())),
                            texts,
                            diffusion,
                            latents.scalingFactor(),
                            images,
                            seed,
                            manager),
                    prompts.isEmpty() ? Optional.empty() : Optional.of(this::samples),
                    watcher);
            watcher.prepared(new RunFacts(
                    "text to image",
                    parameters.count(),
                    data.learned(),
                    data.setAside(),
                    batch * settings.accumulate()));
        } catch (IOException | RuntimeException | Error e) {
            try (tokenizer;
                    caches) {
                throw e;
            }
        }
    }

    /** Where a part comes from: its own folder, or else that of the whole model. */
    private static Optional<Path> from(Optional<Path> own, Optional<WholeModel> model, String part) {
        return own.or(() -> model.map(whole -> whole.part(part)));
    }

    /** Refuses what would give a new vocabulary to embeddings of another one, and keys that would do nothing. */
    private static void checkTokenizer(RunFile tokens, Optional<Path> from, Optional<Path> textFrom) {
        for (String key : List.of("entries", "max_length")) {
            if (tokens.has(key) && tokens.has("from")) {
                throw tokens.bad(key, "there", "none, as the tokenizer that from names has its own");
            }
            if (tokens.has(key) && textFrom.isPresent()) {
                throw tokens.bad(
                        key,
                        "there",
                        "none, as the text encoder in " + textFrom.get()
                                + " knows the tokens of its own tokenizer alone: name that one's folder as from");
            }
        }
        if (textFrom.isPresent() && from.isEmpty()) {
            throw new IllegalArgumentException(tokens + ": from is missing; expected the folder of the tokenizer that"
                    + " belongs to the text encoder in " + textFrom.get());
        }
    }

    /** Checks that a text encoder that is there has a vector for every token and place. */
    private void checkReads(ClipTextConfig reader, Path from) {
        if (tokenizer.vocabularySize() > reader.vocabularySize() || tokenizer.maxLength() > reader.maxPositions()) {
            throw new IllegalArgumentException("the tokenizer in " + tokenizerFolder + " has "
                    + tokenizer.vocabularySize() + " entries and " + tokenizer.maxLength()
                    + " tokens a text, the text encoder in " + from + " takes at most " + reader.vocabularySize()
                    + " and " + reader.maxPositions() + "; expected the tokenizer that belongs to it");
        }
    }

    /**
     * Checks that the UNet's channels are those of its neighbours, before anything is loaded.
     *
     * @param width the text encoder's
     */
    private void fits(
            RunFile network,
            UNet2DConditionConfig config,
            int width,
            AutoencoderKLConfig latents,
            DiffusionFile diffusion) {
        if (config.textTime().isPresent()) {
            throw WholeModel.isXl(network.toString());
        }
        if (config.takesGuidance()) {
            throw new IllegalArgumentException(
                    network + ": was distilled from a guided one (LCM) and is told the guidance"
                            + " scale, which training does not tell; expected a UNet without time_cond_proj_dim, such as the"
                            + " one it was made of");
        }
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
        if (config.crossAttentionDim() != width) {
            throw network.bad(
                    "cross_attention_dim", config.crossAttentionDim(), width + ", the text encoder's hidden_size");
        }
    }

    private static JsonObject config(RunFile section, Optional<Path> from, Optional<JsonObject> given)
            throws IOException {
        if (from.isPresent()) {
            return Config.read(from.get().resolve("config.json")).json();
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
                (run, output) -> new TextToImageTraining(manager, run, options.images(), output, watcher));
    }

    /** {@link #open(Path, StartOptions, NDManager, TrainingLoop.Watcher)} as the run file says. */
    public static TextToImageTraining open(Path file, NDManager manager, TrainingLoop.Watcher watcher)
            throws IOException {
        return open(file, StartOptions.DEFAULT, manager, watcher);
    }

    /** Trains, and writes the model. */
    @Override
    public Optional<Path> run() throws IOException {
        try (Leases.Lease use = output.use()) {
            return loop.run(output, step -> save(output.after(step, "model", "")))
                    ? Optional.of(save(output.path().resolve("model")))
                    : Optional.empty();
        }
    }

    /** Images of the prompts; the autoencoder is there for as long as that takes only. */
    private BufferedImage samples(long step) throws IOException {
        try (NDManager passing = manager.newSubManager()) {
            Components parts = Components.of(
                    "step " + step,
                    passing,
                    tokenizer,
                    textEncoder,
                    unet,
                    AutoencoderKL.load(autoencoder, passing, Precision.FLOAT32),
                    SchedulerConfig.from(scheduler, "the run file's scheduler"),
                    new ModelDefaults(side, side, prompts.steps(), prompts.guidanceScale()));
            return prompts.draw("Step " + step, new TextToImagePipeline(parts), watcher::stopping);
        }
    }

    /** Writes the model as it is now, its parameters averaged, to {@code folder}. */
    public Path save(Path folder) throws IOException {
        try (Leases.Lease use = output.use()) {
            loop.averaged(() -> ModelFolder.write(folder, draft -> {
                ModelFolder.part(
                        draft.resolve("unet"), unetConfig, unet, "diffusion_pytorch_model.safetensors", StoredType.F16);
                ModelFolder.part(
                        draft.resolve("text_encoder"), textConfig, textEncoder, "model.safetensors", StoredType.F16);
                ModelFolder.copy(autoencoder, draft.resolve("vae"));
                ModelFolder.copy(tokenizerFolder, draft.resolve("tokenizer"));
                Files.createDirectories(draft.resolve("scheduler"));
                ModelFolder.json(draft.resolve("scheduler").resolve("scheduler_config.json"), scheduler);
                ModelFolder.index(
                        draft,
                        SchedulerConfig.from(scheduler, "the run file's scheduler")
                                .className(),
                        index);
            }));
        }
        return folder;
    }

    /** The last is closed first, and each whatever becomes of the others. */
    @Override
    public void close() {
        output.close(() -> {
            try (manager;
                    tokenizer;
                    caches) {
                images.close();
            }
        });
    }
}
