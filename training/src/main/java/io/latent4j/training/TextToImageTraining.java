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
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.batches.ContentName;
import io.latent4j.training.batches.EncodedImages;
import io.latent4j.training.batches.FolderEncoder;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.diffusion.LatentDiffusion;
import io.latent4j.training.model.CachedConditioner;
import io.latent4j.training.model.CaptionConditioner;
import io.latent4j.training.model.CaptionLengths;
import io.latent4j.training.model.TokenizerTraining;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.run.Checkpoints;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.RunCaches;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.training.samples.PromptSamples;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import io.latent4j.vae.AutoencoderKL;
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
    private final TextToImagePlan plan;
    private final Path tokenizerFolder;
    private final ClipTokenizer tokenizer;
    private final JsonObject textConfig;
    private final ClipTextModel textEncoder;
    private final UNet2DConditionModel unet;
    private final RunCaches caches;
    private final EncodedImages images;
    private final TrainingLoop loop;

    /**
     * Takes over {@code output}.
     *
     * @param provided images to train on, instead of those that {@code plan} names
     */
    TextToImageTraining(
            NDManager manager,
            TextToImagePlan plan,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.manager = manager;
        this.output = output;
        this.watcher = watcher;
        this.plan = plan;
        this.textConfig = plan.text().config().json();
        int seed = plan.run().seed();
        int batch = plan.batch();
        ImageData data = ImageData.open(plan.data(), provided, seed);
        TrainingLoop.Settings settings =
                plan.loop().on(() -> data.batchesPerEpoch(batch, plan.latents().downscale()), watcher);
        data.checkWhole(watcher);
        List<String> changes = output.compare(plan.run().values());
        changes.forEach(change -> watcher.note("since last time: " + change));
        this.caches = RunCaches.in(plan.cache(), output, watcher);
        Optional<Path> tokensFrom = plan.tokenizer().from();
        Optional<Path> textFrom = plan.text().from();
        Optional<Path> unetFrom = plan.unet().from();
        this.tokenizerFolder = tokensFrom.orElse(output.path().resolve("tokenizer"));
        if (tokensFrom.isEmpty() && !Checkpoints.areIn(output.path())) {
            TokenizerTraining.write(
                    data.allCaptions(),
                    plan.tokenizer().entries(),
                    plan.tokenizer().maxLength(),
                    tokenizerFolder);
        } else if (tokensFrom.isEmpty() && changes.stream().anyMatch(change -> change.startsWith("tokenizer."))) {
            watcher.note("going on from the checkpoint, with its tokenizer; tokenizer.entries and tokenizer.max_length"
                    + " count for a new run only");
        }
        this.tokenizer = ClipTokenizer.read(tokenizerFolder);
        try {
            CaptionLengths.of(data.captions(), tokenizer).ifPresent(watcher::note);
            if (textFrom.isPresent()) {
                checkVocabulary(plan.text().shape(), textFrom.get());
                textEncoder = ClipTextModel.load(textFrom.get(), manager, Precision.FLOAT32);
            } else {
                textConfig.addProperty("vocab_size", tokenizer.vocabularySize());
                textConfig.addProperty("max_position_embeddings", tokenizer.maxLength());
                textConfig.addProperty("bos_token_id", tokenizer.bos());
                textConfig.addProperty("eos_token_id", tokenizer.eos());
                textConfig.addProperty("pad_token_id", tokenizer.pad());
                textEncoder = new ClipTextModel(
                        ClipTextConfig.from(Config.of(plan.text().config().name(), textConfig)));
                Initialization.fill(textEncoder, manager, seed);
            }
            if (unetFrom.isPresent()) {
                unet = UNet2DConditionModel.load(unetFrom.get(), manager, Precision.FLOAT32);
            } else {
                unet = new UNet2DConditionModel(plan.unet().shape());
                Initialization.fill(unet, manager, seed);
            }
            ImmutableMap.Builder<String, NamedBlock> trained = ImmutableMap.builder();
            trained.put("unet", unet);
            if (plan.trainsText()) {
                trained.put("text_encoder", textEncoder);
            }
            Parameters parameters = Parameters.of(trained.buildOrThrow());
            this.images = new EncodedImages(
                    data,
                    new FolderEncoder(plan.autoencoder(), plan.latents(), manager),
                    new EncodedImages.Settings(batch, settings.accumulate(), plan.captionDropout(), data.threads()),
                    caches.open("latents"),
                    watcher);
            watcher.note(images.plan());
            CaptionConditioner conditioner = CaptionConditioner.of(textEncoder, tokenizer);
            CaptionConditioner texts = plan.trainsText()
                    ? conditioner
                    : textFrom.isEmpty() || data.variesCaptions()
                            ? CaptionConditioner.frozen(conditioner)
                            : CachedConditioner.of(
                                    textEncoder,
                                    tokenizer,
                                    caches.open("texts"),
                                    ContentName.of(textFrom.get(), tokenizerFolder));
            loop = new TrainingLoop(
                    settings,
                    output.path(),
                    parameters,
                    new LatentDiffusion(
                            (pass, noisy, times, conditioning) ->
                                    unet.forward(pass, UNetInput.of(noisy, times, conditioning.context())),
                            texts,
                            plan.diffusion(),
                            plan.latents().scalingFactor(),
                            images,
                            seed,
                            manager),
                    plan.samples().isEmpty() ? Optional.empty() : Optional.of(this::samples),
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

    /** Checks that a text encoder that is there has a vector for every token and place. */
    private void checkVocabulary(ClipTextConfig reader, Path from) {
        if (tokenizer.vocabularySize() > reader.vocabularySize() || tokenizer.maxLength() > reader.maxPositions()) {
            throw new IllegalArgumentException("the tokenizer in " + tokenizerFolder + " has "
                    + tokenizer.vocabularySize() + " entries and " + tokenizer.maxLength()
                    + " tokens a text, the text encoder in " + from + " takes at most " + reader.vocabularySize()
                    + " and " + reader.maxPositions() + "; expected the tokenizer that belongs to it");
        }
    }

    /**
     * Reads and checks a run file, makes its folder, and makes the run ready.
     *
     * @param manager owns the weights; its device is where training runs
     * @throws IllegalArgumentException naming all that is wrong in the file, before the folder is made
     * @throws IOException if a file cannot be read, or another process is at this run
     */
    public static TextToImageTraining open(
            Path file, StartOptions options, NDManager manager, TrainingLoop.Watcher watcher) throws IOException {
        TextToImagePlan plan = TextToImagePlan.read(
                RunPlan.file(file, options), options.images().isPresent());
        return RunFolder.begin(
                plan.run().output(),
                options.fresh(),
                watcher,
                output -> new TextToImageTraining(manager, plan, options.images(), output, watcher));
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
        int side = plan.data().side();
        PromptSamples prompts = plan.samples();
        try (NDManager passing = manager.newSubManager()) {
            Components parts = Components.of(
                    "step " + step,
                    passing,
                    tokenizer,
                    textEncoder,
                    unet,
                    AutoencoderKL.load(plan.autoencoder(), passing, Precision.FLOAT32),
                    plan.scheduler(),
                    new ModelDefaults(side, side, prompts.steps(), prompts.guidanceScale()));
            return prompts.draw("Step " + step, new TextToImagePipeline(parts), watcher::stopping);
        }
    }

    /** Writes the model as it is now, its parameters averaged, to {@code folder}. */
    public Path save(Path folder) throws IOException {
        try (Leases.Lease use = output.use()) {
            loop.averaged(() -> ModelFolder.write(folder, draft -> {
                ModelFolder.part(
                        draft.resolve("unet"),
                        plan.unet().config().json(),
                        unet,
                        "diffusion_pytorch_model.safetensors",
                        StoredType.F16);
                ModelFolder.part(
                        draft.resolve("text_encoder"), textConfig, textEncoder, "model.safetensors", StoredType.F16);
                ModelFolder.copy(plan.autoencoder(), draft.resolve("vae"));
                ModelFolder.copy(tokenizerFolder, draft.resolve("tokenizer"));
                Files.createDirectories(draft.resolve("scheduler"));
                ModelFolder.json(
                        draft.resolve("scheduler").resolve("scheduler_config.json"),
                        plan.scheduler().json());
                ModelFolder.index(
                        draft, plan.scheduler().className(), plan.index().json());
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
