package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import com.google.common.io.Closer;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.TextReader;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.training.batches.DataPlan;
import io.latent4j.training.batches.EncodedImages;
import io.latent4j.training.batches.ImageData;
import io.latent4j.training.batches.ImageEncoder;
import io.latent4j.training.batches.LatentBatches;
import io.latent4j.training.batches.ModelEncoder;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.diffusion.DiffusionSettings;
import io.latent4j.training.diffusion.LatentDiffusion;
import io.latent4j.training.diffusion.PriorPreservation;
import io.latent4j.training.model.BaseModel;
import io.latent4j.training.model.CachedConditioner;
import io.latent4j.training.model.CaptionConditioner;
import io.latent4j.training.model.CaptionLengths;
import io.latent4j.training.model.LatentModel;
import io.latent4j.training.model.ModelConditioner;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
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
    private final FineTuningPlan plan;
    private final Components parts;
    private final DiffusionSettings diffusion;
    private final TrainingLoop.Settings settings;
    private final PromptSamples samples;
    private final ImageData images;
    private final Optional<ImageData> kept;
    private final RunCaches caches;
    private final TrainingLoop.Watcher watcher;
    private final List<EncodedImages> encoded = new ArrayList<>();

    private FineTuning(
            FineTuningPlan plan,
            Optional<CaptionedImages> provided,
            RunFolder output,
            Components parts,
            TrainingLoop.Watcher watcher)
            throws IOException {
        this.plan = plan;
        this.parts = parts;
        this.watcher = watcher;
        int multiple = parts.codec(Tiling.AUTO).sizeMultiple();
        DataPlan data = plan.data().withSize(parts.defaults().width());
        data.require(multiple);
        this.diffusion = plan.diffusion().of(parts.scheduler());
        this.samples =
                plan.samples().of(parts.defaults().steps(), parts.defaults().guidanceScale());
        this.images = ImageData.open(data, provided, plan.run().seed());
        this.caches = RunCaches.in(plan.cache(), output, watcher);
        plan.prior().notes().forEach(watcher::note);
        images.checkWhole(watcher);
        output.compare(plan.run().values()).forEach(change -> watcher.note("since last time: " + change));
        this.kept = plan.prior().isEmpty()
                ? Optional.empty()
                : Optional.of(plan.prior().open(output.path(), conditioner(parts), images.side(), watcher));
        this.settings = plan.loop().on(() -> images.batchesPerEpoch(plan.batch(), multiple), watcher);
        images.warnings(watcher);
        kept.ifPresent(its -> its.warnings(watcher));
    }

    /**
     * Loads the model and opens the images.
     *
     * @param manager whose device is where training runs
     * @param provided images to train on, instead of those that {@code plan} names
     * @throws IllegalArgumentException if the plan does not suit the model or the images
     */
    static FineTuning open(
            NDManager manager,
            FineTuningPlan plan,
            Optional<CaptionedImages> provided,
            RunFolder output,
            TrainingLoop.Watcher watcher)
            throws IOException {
        Components parts = BaseModel.load(manager, plan.model(), watcher);
        try {
            return new FineTuning(plan, provided, output, parts, watcher);
        } catch (IOException | RuntimeException | Error e) {
            try (parts) {
                throw e;
            }
        }
    }

    /** The conditioning of texts by the model's own encoders, which are not trained; cached unless there is no end of texts. */
    CaptionConditioner conditioner() throws IOException {
        return images.variesCaptions()
                ? CaptionConditioner.frozen(conditioner(parts))
                : CachedConditioner.of(conditioner(parts), caches.open("texts"));
    }

    /**
     * The loss of a model in training; where a prior is asked for, with that.
     *
     * @param readers the encoders that read its captions
     */
    <M extends LatentModel & CaptionConditioner> Objective objective(M model, List<TextReader> readers)
            throws IOException {
        noteCutCaptions(readers);
        ImageEncoder encoder = new ModelEncoder(parts);
        ArrayCache latents = caches.open("latents");
        Objective objective = diffusion(model, encoded(images, encoder, latents), seed());
        watcher.note(encoded.get(0).plan());
        if (kept.isEmpty()) {
            return objective;
        }
        Objective keeping = diffusion(model, encoded(kept.get(), encoder, latents), seed() + 1);
        return new PriorPreservation(objective, keeping, plan.prior().weight());
    }

    /** The tokenizers of a model as a rule cut alike. */
    private void noteCutCaptions(List<TextReader> readers) {
        readers.stream()
                .flatMap(reader -> CaptionLengths.of(images.captions(), reader.tokenizer(), reader.words()).stream())
                .distinct()
                .forEach(watcher::note);
    }

    private EncodedImages encoded(ImageData data, ImageEncoder encoder, ArrayCache latents) {
        EncodedImages.Settings how = new EncodedImages.Settings(
                plan.batch(), settings.accumulate(), plan.captionDropout(), images.threads());
        encoded.add(new EncodedImages(data, encoder, how, latents, watcher));
        return encoded.get(encoded.size() - 1);
    }

    private <M extends LatentModel & CaptionConditioner> Objective diffusion(
            M model, LatentBatches latents, long seed) {
        return new LatentDiffusion(
                model, model, diffusion, parts.codec(Tiling.AUTO).scale(), latents, seed, parts.manager());
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
                samples.isEmpty()
                        ? Optional.empty()
                        : Optional.of(step -> samples.draw(
                                "Step " + step,
                                pipeline,
                                request -> asked.apply(request.withClipSkip(clipSkip())),
                                watcher::stopping)),
                watcher);
        watcher.prepared(new RunFacts(what, parameters.count(), images.learned(), images.setAside(), imagesAStep()));
        return loop;
    }

    /** The conditioner of {@code words}, which are the model's parts or those with more words, in this run. */
    ModelConditioner conditioner(Components words) {
        return new ModelConditioner(words, clipSkip());
    }

    int clipSkip() {
        return plan.clipSkip();
    }

    int imagesAStep() {
        return plan.batch() * settings.accumulate();
    }

    Components parts() {
        return parts;
    }

    TrainingLoop.Settings settings() {
        return settings;
    }

    long seed() {
        return plan.run().seed();
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
