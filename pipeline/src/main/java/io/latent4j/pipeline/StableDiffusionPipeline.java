package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.image.Pictures;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.Plan;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Text, or text and a picture, to pictures with Stable Diffusion 1, 2 and XL (<a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2021</a>): text to
 * hidden states, noise to latents under their guidance, latents to pictures.
 *
 * <p>Immutable; any number of threads may generate at a time, and a request gives the same pictures whatever else runs.
 */
public final class StableDiffusionPipeline {
    private final Components parts;
    private final Optional<Refiner> refiner;
    private final Optional<PreviewDecoder> previews;

    /** A model that takes over when {@code from} of the way is gone. */
    private record Refiner(StableDiffusionPipeline pipeline, double from) {}

    /** A pipeline over {@code parts}, which stay the caller's to close. */
    public StableDiffusionPipeline(Components parts) {
        this(parts, Optional.empty(), Optional.empty());
    }

    private StableDiffusionPipeline(Components parts, Optional<Refiner> refiner, Optional<PreviewDecoder> previews) {
        this.parts = parts;
        this.refiner = refiner;
        this.previews = previews;
    }

    /** This pipeline, whose steps are shown by a decoder of their own. It stays the caller's to close. */
    public StableDiffusionPipeline withPreviews(PreviewDecoder decoder) {
        return new StableDiffusionPipeline(
                parts,
                refiner.map(r -> new Refiner(r.pipeline().withPreviews(decoder), r.from())),
                Optional.of(decoder));
    }

    /**
     * This pipeline, whose latents another model takes over part of the way: SDXL's refiner for instance, at 0.8. It takes
     * no adapters and no controls.
     *
     * @param refiner has latents of the same kind, and stays the caller's to close
     * @param from the part of the way that is gone by then, between 0 and 1: see {@link Stretch}
     * @throws IllegalArgumentException if the latents differ
     */
    public StableDiffusionPipeline withRefiner(Components refiner, double from) {
        int channels = refiner.vae().config().latentChannels();
        boolean fits = channels == parts.vae().config().latentChannels()
                && refiner.vae().config().downscale() == parts.vae().config().downscale()
                && !refiner.inpaints();
        if (!fits) {
            throw new IllegalArgumentException("the refiner " + refiner.name() + " works on other latents than "
                    + parts.name() + "; expected one for the same autoencoder");
        }
        Stretch rest = new Stretch(from, 1);
        StableDiffusionPipeline second = new StableDiffusionPipeline(refiner, Optional.empty(), previews);
        return new StableDiffusionPipeline(parts, Optional.of(new Refiner(second, rest.start())), previews);
    }

    /** {@link #generate(GenerationRequest, Progress)} without a listener. */
    public Generation generate(GenerationRequest request) {
        return generate(request, Progress.NONE);
    }

    /**
     * Makes the pictures a request asks for.
     *
     * @throws IllegalArgumentException if the model cannot make them, saying what it can
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     * @throws IllegalStateException if numbers overflow on the way
     */
    public Generation generate(GenerationRequest request, Progress progress) {
        Run run = Run.of(
                refiner.map(r -> request.withStretch(new Stretch(0, r.from()))).orElse(request), parts);
        List<GeneratedImage> results = new ArrayList<>();
        for (int first = 0; first < request.count(); first += request.batchSize()) {
            int images = Math.min(request.batchSize(), request.count() - first);
            NoiseSource noise = NoiseSource.perImage(request.seed() + first, images);
            try (NDManager manager = parts.manager().newSubManager()) {
                Batch batch = new Batch(first, images);
                NDArray latents = latents(manager, run, batch, Optional.empty(), noise, progress);
                if (refiner.isPresent()) {
                    latents = refiner.get().pipeline().refined(manager, run, batch, latents, noise, progress);
                }
                NativeHeap.trim(); // decoding needs the room that denoising is done with
                for (BufferedImage image : run.codec().pictures(latents)) {
                    long seed = request.seed() + results.size();
                    results.add(new GeneratedImage(run.finished(image), seed, run.parameters(seed)));
                }
            }
        }
        return new Generation(results, run.warnings());
    }

    /**
     * The latents that {@code request} leads to, before they are decoded, with noise from {@code noise}: first that of the
     * latents of the request's picture, if there is one, then that of the start, then the sampler's.
     *
     * @param manager owns the result
     * @return (request.count(), channels, height / f, width / f), in the diffusion model's scale
     */
    public NDArray latents(NDManager manager, GenerationRequest request, NoiseSource noise, Progress progress) {
        return latents(
                manager, Run.of(request, parts), new Batch(0, request.count()), Optional.empty(), noise, progress);
    }

    /** Images {@code first} to {@code first + size - 1} of a request. */
    private record Batch(int first, int size) {}

    /** What this model makes of {@code latents}, where {@code base} ended. */
    private NDArray refined(
            NDManager manager, Run base, Batch batch, NDArray latents, NoiseSource noise, Progress progress) {
        GenerationRequest rest = base.request()
                .withLoras(List.of())
                .withControls(List.of())
                .withSize(base.width(), base.height())
                .withSteps(base.steps())
                .withGuidanceScale(base.guidance().scale())
                .withStretch(new Stretch(base.request().stretch().end(), 1));
        return latents(manager, Run.of(rest, parts), batch, Optional.of(latents), noise, progress);
    }

    @SuppressWarnings("try")
    private NDArray latents(
            NDManager manager, Run run, Batch batch, Optional<NDArray> from, NoiseSource noise, Progress progress) {
        try (NDScope scope = new NDScope()) {
            Conditioning text;
            try (Use encoders = parts.use(ModelPart.TEXT_ENCODERS)) {
                text = Conditioning.of(run, batch.size(), manager);
            }
            Plan plan = run.plan();
            int until = run.steps(plan);
            Start start = from.map(Start::from).orElseGet(() -> Start.of(run, plan, batch.size(), manager, noise));
            NDScope.unregister(start.latents());
            List<Steering> controls = run.request().controls().stream()
                    .map(control -> Steering.of(control, run, manager))
                    .toList();
            try (Use unet = parts.use(ModelPart.UNET);
                    StepPass pass = new StepPass(run.request().loras(), manager);
                    LastGuess guess = new LastGuess(cancellable(
                            new Network(parts, pass, run.guidance(), text, start.channels(), controls, plan),
                            progress))) {
                NDArray latents = Sampling.run(
                        run.scheduler(), plan, until, start.latents(), guess, noise, start.hold(), (x, done) -> {
                            progress.onStep(new StepEvent(
                                    done,
                                    until,
                                    batch.first(),
                                    batch.size(),
                                    plan.level(done),
                                    x,
                                    () -> previews.map(PreviewDecoder::codec)
                                            .orElseGet(run::codec)
                                            .pictures(guess.x0())));
                            guess.close();
                        });
                latents.attach(manager);
                NDScope.unregister(latents);
                return latents;
            }
        }
    }

    /** {@code model}, unless the run is to end. */
    private static Denoiser cancellable(Denoiser model, Progress progress) {
        return (x, at) -> {
            if (progress.cancelled() || Thread.currentThread().isInterrupted()) {
                throw new CancellationException("generation was cancelled");
            }
            return model.predict(x, at);
        };
    }

    /**
     * Draws the latents of a picture with N(0, 1) {@code noise}, (N, channels, height / f, width / f), of which each gives
     * one draw.
     *
     * @param manager owns the result
     * @return of the shape of {@code noise}, in the diffusion model's scale
     */
    public NDArray encode(NDManager manager, BufferedImage picture, NDArray noise) {
        return parts.codec(Tiling.AUTO).encode(Pictures.toArray(manager, picture), noise);
    }

    /**
     * Decodes latents in the diffusion model's scale, one picture at a time.
     *
     * @throws IllegalStateException if a picture has numbers that are not finite, which would look black
     */
    public List<BufferedImage> pictures(NDArray latents) {
        return parts.codec(Tiling.AUTO).pictures(latents);
    }

    /**
     * Decodes latents in the diffusion model's scale to (N, 3, H, W), about [-1, 1], float32.
     *
     * @throws IllegalStateException if the VAE overflows its data type
     */
    public NDArray decode(NDArray latents) {
        return parts.codec(Tiling.AUTO).decode(latents);
    }
}
