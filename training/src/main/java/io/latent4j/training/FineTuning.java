package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import com.google.common.io.Closer;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.TextReader;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.training.batches.EncodedImages;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.batches.ImageEncoder;
import io.latent4j.training.batches.LatentBatches;
import io.latent4j.training.batches.ModelEncoder;
import io.latent4j.training.config.RunFile;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.diffusion.DiffusionFile;
import io.latent4j.training.diffusion.LatentDiffusion;
import io.latent4j.training.diffusion.PriorFile;
import io.latent4j.training.diffusion.PriorPreservation;
import io.latent4j.training.model.BaseModel;
import io.latent4j.training.model.CaptionLengths;
import io.latent4j.training.model.KeptTexts;
import io.latent4j.training.model.LatentModel;
import io.latent4j.training.model.Reading;
import io.latent4j.training.model.TextConditions;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.run.LoopFile;
import io.latent4j.training.run.RunCaches;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.RunFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.training.samples.PromptSamples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What runs have in common that add something to a model and leave its weights as they are: the model, images in its
 * latents, and the loss.
 */
final class FineTuning implements AutoCloseable {
    private final Components parts;
    private final int batch;
    private final double captionDropout;
    private final int seed;
    private final int clipSkip;
    private final DiffusionFile diffusion;
    private final TrainingLoop.Settings settings;
    private final PromptSamples prompts;
    private final Optional<PriorFile> prior;
    private final ImageData images;
    private final Optional<ImageData> kept;
    private final RunCaches caches;
    private final TrainingLoop.Watcher watcher;
    private final List<EncodedImages> encoded = new ArrayList<>();

    /** Reads all of {@code file} that is not read yet, and refuses the rest. */
    private FineTuning(
            RunFile file,
            Optional<CaptionedImages> provided,
            RunFolder output,
            Components parts,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.parts = parts;
        this.watcher = watcher;
        this.seed = file.integer("seed", 0, 0);
        this.clipSkip = file.integer("clip_skip", 1, 1);
        this.images = ImageData.read(file.section("data"), ImageData.Kind.tuning(parts.defaults()), provided, seed);
        images.require(parts.vae().config().downscale());
        this.prior = PriorFile.read(file.section("prior"), parts.defaults(), watcher);
        RunFile loss = file.section("loss");
        RunFile training = file.section("training");
        this.batch = training.integer("batch", 1, 1);
        this.captionDropout = loss.real("caption_dropout", 0);
        this.diffusion = DiffusionFile.read(loss, parts.scheduler());
        LoopFile loop = LoopFile.read(training, true);
        this.prompts = PromptSamples.read(file.section("samples"), parts.defaults());
        this.caches = RunCaches.read(file, output, watcher);
        file.refuseTheRest();
        images.checkWhole(watcher);
        output.compare(file.json()).forEach(change -> watcher.note("since last time: " + change));
        this.kept = prior.isPresent()
                ? Optional.of(prior.get().images(output.path(), reading(parts), images.side(), watcher))
                : Optional.empty();
        this.settings =
                loop.on(() -> images.batchesPerEpoch(batch, parts.vae().config().downscale()), watcher);
        images.warnings(watcher);
        kept.ifPresent(its -> its.warnings(watcher));
    }

    /**
     * Makes ready, after all keys were read that only one kind of run has.
     *
     * @param manager whose device is where training runs
     * @param provided images to train on, instead of those that {@code file} names
     */
    static FineTuning open(
            NDManager manager,
            RunFile file,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        Components parts = BaseModel.load(manager, file, watcher);
        try {
            return new FineTuning(file, provided, output, parts, watcher);
        } catch (IOException | RuntimeException | Error e) {
            try (parts) {
                throw e;
            }
        }
    }

    /** What is told of texts by the model's own encoders, which do not learn; kept unless there is no end of texts. */
    TextConditions texts() throws IOException {
        return images.variesCaptions()
                ? TextConditions.frozen(reading(parts))
                : KeptTexts.of(reading(parts), caches.open("texts"));
    }

    /**
     * The loss of a model in training; where a prior is asked for, with that.
     *
     * @param reading what reads texts for it
     */
    <M extends LatentModel & TextConditions> Objective objective(M model, List<TextReader> reading) throws IOException {
        sayWhatIsCut(reading);
        ImageEncoder encoder = new ModelEncoder(parts);
        ArrayCache latents = caches.open("latents");
        Objective objective = diffusion(model, encoded(images, encoder, latents), seed);
        watcher.note(encoded.get(0).plan());
        if (kept.isEmpty()) {
            return objective;
        }
        Objective keeping = diffusion(model, encoded(kept.get(), encoder, latents), seed + 1);
        return new PriorPreservation(objective, keeping, prior.orElseThrow().weight());
    }

    /** SDXL's two tokenizers as a rule cut alike. */
    private void sayWhatIsCut(List<TextReader> reading) {
        reading.stream()
                .flatMap(reader -> CaptionLengths.of(images.captions(), reader.tokenizer(), reader.words()).stream())
                .distinct()
                .forEach(watcher::note);
    }

    private EncodedImages encoded(ImageData data, ImageEncoder encoder, ArrayCache latents) {
        EncodedImages.Settings how =
                new EncodedImages.Settings(batch, settings.accumulate(), captionDropout, images.threads());
        encoded.add(new EncodedImages(data, encoder, how, latents, watcher));
        return encoded.get(encoded.size() - 1);
    }

    private <M extends LatentModel & TextConditions> Objective diffusion(M model, LatentBatches latents, long seed) {
        return new LatentDiffusion(
                model, model, diffusion, parts.vae().config().scalingFactor(), latents, seed, parts.manager());
    }

    /**
     * The loop of a run.
     *
     * @param what is trained, in a few words
     * @param pipeline makes samples
     * @param asked what is asked of it besides the prompts
     */
    TrainingLoop loop(
            String what,
            RunFolder output,
            Parameters parameters,
            Objective objective,
            TextToImagePipeline pipeline,
            UnaryOperator<GenerationRequest> asked,
            TrainingLoop.Watcher watcher) {
        TrainingLoop loop = new TrainingLoop(
                settings,
                output.path(),
                parameters,
                objective,
                prompts.isEmpty()
                        ? Optional.empty()
                        : Optional.of(step -> prompts.draw(
                                "Step " + step,
                                pipeline,
                                request -> asked.apply(request.withClipSkip(clipSkip)),
                                watcher::stopping)),
                watcher);
        watcher.prepared(new RunFacts(what, parameters.count(), images.learned(), images.setAside(), imagesAStep()));
        return loop;
    }

    /** How {@code words}, which are the model's parts or those with more words, read texts in this run. */
    Reading reading(Components words) {
        return new Reading(words, clipSkip);
    }

    int clipSkip() {
        return clipSkip;
    }

    int imagesAStep() {
        return batch * settings.accumulate();
    }

    Components parts() {
        return parts;
    }

    TrainingLoop.Settings settings() {
        return settings;
    }

    long seed() {
        return seed;
    }

    /** Width and height of the images. */
    int side() {
        return images.side();
    }

    /** How many images there are to learn from. */
    int images() {
        return images.learned();
    }

    /** What is said of the images to learn from. */
    Stream<String> captions() {
        return images.captions().stream();
    }

    /** Ends the threads, writes what the caches have, and frees the model. */
    @Override
    public void close() {
        try (parts;
                caches;
                Closer all = Closer.create()) {
            encoded.forEach(images -> all.register(images::close));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
