package io.latent4j.training;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.training.batches.DataPlan;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.WrittenConfig;
import io.latent4j.training.diffusion.DiffusionPlan;
import io.latent4j.training.diffusion.DiffusionSettings;
import io.latent4j.training.model.WholeModel;
import io.latent4j.training.run.LoopPlan;
import io.latent4j.training.samples.PromptSamples;
import io.latent4j.training.samples.SamplesPlan;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The run file of a {@link TextToImageTraining}.
 *
 * @param autoencoder its folder
 * @param index what the model's {@code model_index.json} has besides
 * @param trainsText whether the text encoder is trained as well
 * @param batch images
 * @param captionDropout how often the caption is left empty, 0 to 1
 * @param cache the folder of latents and texts; empty for that in the run's
 */
record TextToImagePlan(
        RunPlan run,
        DataPlan data,
        Path autoencoder,
        AutoencoderKLConfig latents,
        Part<ClipTextConfig> text,
        boolean trainsText,
        Tokenizer tokenizer,
        Part<UNet2DConditionConfig> unet,
        SchedulerConfig scheduler,
        Config index,
        DiffusionSettings diffusion,
        int batch,
        double captionDropout,
        LoopPlan loop,
        PromptSamples samples,
        Optional<Path> cache) {
    private static final String ENTRIES = "entries";
    private static final String MAX_LENGTH = "max_length";

    /**
     * A network.
     *
     * @param from the folder of its weights; empty for new ones
     * @param config what its {@code config.json} has
     * @param shape the config, read
     */
    record Part<T>(Optional<Path> from, Config config, T shape) {}

    /**
     * The tokenizer.
     *
     * @param from its folder; empty for one that is trained on the captions
     * @param entries the most of a new one
     * @param maxLength tokens of a text of a new one
     */
    record Tokenizer(Optional<Path> from, int entries, int maxLength) {}

    /**
     * Reads and checks a whole run file; loads nothing.
     *
     * @param given whether the program gives the images
     * @throws IllegalArgumentException naming all keys that are wrong
     * @throws IOException if the config of a part that exists cannot be read, or a folder of images is not there
     */
    static TextToImagePlan read(Config file, boolean given) throws IOException {
        TextToImagePlan plan = file.collect(run -> collect(run, given));
        plan.data.requireIsThere();
        return plan;
    }

    private static TextToImagePlan collect(Config run, boolean given) throws IOException {
        DataPlan data = DataPlan.read(run.section("data"), DataPlan.Kind.CAPTIONED, given);
        Optional<WholeModel> model = run.path("model").flatMap(folder -> run.checked(() -> new WholeModel(folder)));
        Optional<Path> autoencoder = from(run.path("autoencoder"), model, "vae");
        if (autoencoder.isEmpty() && !run.has("model")) {
            run.refuse("autoencoder", "is missing; expected its folder, or model, a folder of all parts");
        }
        Config text = run.section("text_encoder");
        Config tokens = run.section("tokenizer");
        Config network = run.section("unet");
        Optional<Path> textFrom = from(text.path("from"), model.filter(its -> !text.has("config")), "text_encoder");
        Optional<Path> unetFrom = from(network.path("from"), model.filter(its -> !network.has("config")), "unet");
        boolean unknown = run.has("model") && model.isEmpty(); // so that what its parts are is not known either
        Optional<Part<ClipTextConfig>> textPart = unknown ? Optional.empty() : text(text, textFrom);
        Optional<Part<UNet2DConditionConfig>> unetPart = unknown ? Optional.empty() : unet(network, unetFrom);
        if (unknown) {
            text.section("config").accept(text.section("config").keys());
            network.section("config").accept(network.section("config").keys());
        }
        boolean trainsText = text.flag("train", true);
        Tokenizer tokenizer = tokenizer(tokens, model, textFrom);
        Optional<SchedulerConfig> scheduler = scheduler(run, model);
        Config index = index(run, model);
        Config loss = run.section("loss");
        double captionDropout = loss.real("caption_dropout", Bounds.of(0, 1), 0.1);
        DiffusionPlan diffusion = DiffusionPlan.read(loss);
        Optional<DiffusionSettings> settings = scheduler.flatMap(its -> loss.checked(() -> diffusion.of(its)));
        Config training = run.section("training");
        int batch = training.integer("batch", Bounds.atLeast(1), 16);
        LoopPlan loop = LoopPlan.read(training);
        PromptSamples samples = SamplesPlan.read(run.section("samples")).of(25, 3);
        Optional<Path> cache = run.path("cache");
        RunPlan head = RunPlan.read(run);
        run.refuseTheRest();
        TextToImagePlan plan = new TextToImagePlan(
                head,
                data,
                autoencoder.orElseThrow(IllegalArgumentException::new), // what is wrong with these is noted
                AutoencoderKLConfig.from(Config.read(autoencoder.get().resolve("config.json"))),
                textPart.orElseThrow(IllegalArgumentException::new),
                trainsText,
                tokenizer,
                unetPart.orElseThrow(IllegalArgumentException::new),
                scheduler.orElseThrow(IllegalArgumentException::new),
                index,
                settings.orElseThrow(IllegalArgumentException::new),
                batch,
                captionDropout,
                loop,
                samples,
                cache);
        data.require(plan.latents.downscale());
        plan.checkChannels(network);
        return plan;
    }

    /** Where a part comes from: its own folder, or else that of the whole model. */
    private static Optional<Path> from(Optional<Path> own, Optional<WholeModel> model, String part) {
        return own.or(() -> model.map(whole -> whole.part(part)));
    }

    private static Optional<Part<ClipTextConfig>> text(Config section, Optional<Path> from) throws IOException {
        Config config = PartPlan.config(section, from, "config.json of a CLIPTextModel");
        Optional<ClipTextConfig> shape =
                from.isPresent() ? Optional.of(ClipTextConfig.from(config)) : WrittenConfig.textEncoder(config);
        return shape.map(its -> new Part<>(from, config, its));
    }

    private static Optional<Part<UNet2DConditionConfig>> unet(Config section, Optional<Path> from) throws IOException {
        Config config = PartPlan.config(section, from, "config.json of a UNet2DConditionModel");
        Optional<UNet2DConditionConfig> shape =
                from.isPresent() ? Optional.of(UNet2DConditionConfig.from(config)) : WrittenConfig.unet(config);
        return shape.map(its -> new Part<>(from, config, its));
    }

    /** Refuses what would give a new vocabulary to embeddings of another one, and keys that would have no effect. */
    private static Tokenizer tokenizer(Config tokens, Optional<WholeModel> model, Optional<Path> textFrom) {
        boolean own = tokens.has(ENTRIES) || tokens.has(MAX_LENGTH);
        Optional<Path> from = from(tokens.path("from"), model.filter(its -> !own), "tokenizer");
        if (tokens.has("from")) {
            tokens.refuseWithoutEffect("the tokenizer that from names has its own", ENTRIES, MAX_LENGTH);
        } else if (textFrom.isPresent()) {
            tokens.refuseWithoutEffect(
                    "the text encoder in " + textFrom.get()
                            + " has vectors for the tokens of its own tokenizer alone: name that one's folder as from",
                    ENTRIES,
                    MAX_LENGTH);
        }
        if (textFrom.isPresent() && from.isEmpty() && !own) {
            tokens.refuse("from is missing; expected the folder of the tokenizer that belongs to the text encoder in "
                    + textFrom.get());
        }
        return new Tokenizer(
                from,
                tokens.integer(ENTRIES, Bounds.atLeast(514), 49408),
                tokens.integer(MAX_LENGTH, Bounds.atLeast(3), 77));
    }

    private static Optional<SchedulerConfig> scheduler(Config run, Optional<WholeModel> model) throws IOException {
        Optional<JsonObject> written = run.values("scheduler");
        if (written.isPresent()) {
            Optional<SchedulerConfig> known = WrittenConfig.scheduler(run, written.get());
            SchedulerConfig all = SchedulerConfig.from(written.get(), run.name() + ": scheduler");
            return WrittenConfig.sampling(run, all).flatMap(its -> known);
        }
        if (model.isPresent()) {
            return WrittenConfig.sampling(
                    run, SchedulerConfig.from(model.get().scheduler(), model.get() + " scheduler"));
        }
        if (!run.has("model")) {
            run.refuse("scheduler", "is missing; expected what scheduler_config.json has");
        }
        return Optional.empty();
    }

    private static Config index(Config run, Optional<WholeModel> model) throws IOException {
        Optional<JsonObject> written = run.values("model_index");
        return Config.of(
                "model_index",
                written.isPresent() || model.isEmpty()
                        ? written.orElseGet(JsonObject::new)
                        : model.get().index());
    }

    /** Checks that the UNet's channels are those of its neighbours. */
    private void checkChannels(Config network) {
        UNet2DConditionConfig shape = unet.shape;
        if (shape.takesAddedConditions()) {
            throw WholeModel.ofAnotherFamily(network.name());
        }
        if (shape.takesGuidance()) {
            network.refuse(
                    "was distilled from a guided one (LCM) and takes the guidance scale as an input, which training"
                            + " does not give; expected a UNet without time_cond_proj_dim, such as the one it was made of");
        }
        String of = ", the latent_channels of the autoencoder in " + autoencoder;
        int channels = latents.latentChannels();
        if (shape.inChannels() != channels) {
            network.refuse("in_channels", "is " + shape.inChannels() + "; expected " + channels + of);
        }
        int answers = diffusion.loss().answers();
        if (shape.outChannels() != channels * answers) {
            network.refuse(
                    "out_channels",
                    "is " + shape.outChannels() + "; expected " + channels * answers
                            + (answers == 1 ? of : ", for latents and their learned variance"));
        }
        int width = text.shape.width();
        if (shape.crossAttentionDim() != width) {
            network.refuse(
                    "cross_attention_dim",
                    "is " + shape.crossAttentionDim() + "; expected " + width + ", the text encoder's hidden_size");
        }
    }
}
