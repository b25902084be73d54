package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.common.collect.Lists;
import io.latent4j.core.image.Images;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.model.WeightLease;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.run.ActiveControl;
import io.latent4j.pipeline.run.BatchDenoising;
import io.latent4j.pipeline.run.Cancellation;
import io.latent4j.pipeline.run.InpaintBlend;
import io.latent4j.pipeline.run.Run;
import io.latent4j.pipeline.run.RunWarnings;
import io.latent4j.pipeline.run.Stages;
import io.latent4j.pipeline.run.Start;
import io.latent4j.pipeline.run.StepNetwork;
import io.latent4j.pipeline.run.StepNetworks;
import io.latent4j.pipeline.run.StepPass;
import io.latent4j.pipeline.run.TextPlan;
import io.latent4j.schedulers.Plan;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Text, or text and an image, to images with a latent diffusion model of any family (<a
 * href="https://arxiv.org/abs/2112.10752">Rombach et al. 2021</a>): text to conditioning, noise to latents under their guidance, latents to images.
 *
 * <p>Immutable; any number of threads may generate at a time, and a request gives the same images whatever else runs.
 */
public final class TextToImagePipeline {
    private final Model parts;
    private final Optional<Refiner> refiner;
    private final Optional<PreviewDecoder> previews;

    /** A model that takes over when {@code from} of the way is gone. */
    private record Refiner(TextToImagePipeline pipeline, double from) {}

    /** A pipeline over {@code parts}, which stay the caller's to close. */
    public TextToImagePipeline(Model parts) {
        this(parts, Optional.empty(), Optional.empty());
    }

    private TextToImagePipeline(Model parts, Optional<Refiner> refiner, Optional<PreviewDecoder> previews) {
        this.parts = parts;
        this.refiner = refiner;
        this.previews = previews;
    }

    /** This pipeline, whose steps are shown by a decoder of their own. It stays the caller's to close. */
    public TextToImagePipeline withPreviews(PreviewDecoder decoder) {
        return new TextToImagePipeline(
                parts,
                refiner.map(r -> new Refiner(r.pipeline().withPreviews(decoder), r.from())),
                Optional.of(decoder));
    }

    /**
     * This pipeline, whose latents another model takes over part of the way: SDXL's refiner for instance, at 0.8. It takes
     * no adapters and no controls.
     *
     * @param refiner has latents of the same kind, and stays the caller's to close
     * @param from the part of the way that is gone by then, between 0 and 1: see {@link DenoisingRange}
     * @throws IllegalArgumentException if the latents differ
     */
    public TextToImagePipeline withRefiner(Model refiner, double from) {
        boolean fits = refiner.codec(Tiling.AUTO).fits(parts.codec(Tiling.AUTO))
                && !refiner.denoiser().inpaints();
        if (!fits) {
            throw new IllegalArgumentException("the refiner " + refiner.name() + " works on other latents than "
                    + parts.name() + "; expected one for the same autoencoder");
        }
        DenoisingRange rest = new DenoisingRange(from, 1);
        TextToImagePipeline second = new TextToImagePipeline(refiner, Optional.empty(), previews);
        return new TextToImagePipeline(parts, Optional.of(new Refiner(second, rest.start())), previews);
    }

    /** {@link #generate(GenerationRequest, Progress)} without a listener. */
    public Generation generate(GenerationRequest request) {
        return generate(request, Progress.NONE);
    }

    /**
     * Makes the images a request asks for.
     *
     * @throws IllegalArgumentException if the model cannot make them, saying what it can
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     * @throws IllegalStateException if numbers overflow on the way
     */
    public Generation generate(GenerationRequest request, Progress progress) {
        return generate(Collections.nCopies(request.count(), request.prompt()), request, progress);
    }

    /**
     * Makes one image a prompt, and all else as {@code request} says: those that it would lead to with one prompt after the
     * other, image i with seed + i. With a batch size above 1 they are made faster. Texts of a batch become equally long: if
     * one has more tokens than the model reads at once, the others are followed by empty texts, which changes their images.
     *
     * @param request whose own prompt and count play no part
     * @throws IllegalArgumentException if there is no prompt, or the model cannot make an image, saying what it can
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     * @throws IllegalStateException if numbers overflow on the way
     */
    public Generation generate(List<String> prompts, GenerationRequest request, Progress progress) {
        GenerationRequest all = request.withCount(prompts.size());
        Map<String, Stages> legs = new LinkedHashMap<>();
        Stages first = legs(all.withPrompt(prompts.get(0)));
        prompts.forEach(prompt -> legs.computeIfAbsent(prompt, first::withPrompt));
        List<GeneratedImage> results = generate(prompts, legs, progress);
        List<String> warnings = legs.values().stream()
                .flatMap(each -> RunWarnings.of(each.base()).stream())
                .distinct()
                .toList();
        return new Generation(results, warnings);
    }

    /** @param legs of each prompt, which differ in nothing else */
    private List<GeneratedImage> generate(List<String> prompts, Map<String, Stages> legs, Progress progress) {
        Run base = legs.get(prompts.get(0)).base();
        GenerationRequest request = base.request();
        Cancellation cancellation = new Cancellation(progress);
        List<GeneratedImage> results = new ArrayList<>();
        for (List<String> part : Lists.partition(prompts, request.batchSize())) {
            Batch batch = new Batch(results.size(), part);
            NoiseSource noise = request.noise(batch.first(), batch.size());
            try (NDManager manager = parts.manager().newSubManager()) {
                NDArray latents = latents(manager, legs.get(part.get(0)), batch, noise, progress);
                cancellation.check();
                NativeHeap.trim(); // decoding needs the room that denoising is done with
                for (BufferedImage image : base.codec().images(latents, cancellation::check)) {
                    int i = results.size();
                    String parameters = legs.get(prompts.get(i)).parameters(i);
                    results.add(new GeneratedImage(base.finished(image), request.seed(i), parameters));
                }
            }
        }
        return results;
    }

    /**
     * The latents that {@code request} leads to, before they are decoded, with noise from {@code noise}: first that of the
     * latents of the request's image, if there is one, then that of the start, then that of the masked image's latents
     * for an inpainting UNet, then the sampler's; with {@link Upscale} that of the second run follows. The request's seed,
     * variation and batch size play no part: all images are one batch.
     *
     * @param manager owns the result, and nothing else that is made here
     * @return (request.count(), channels, height / f, width / f), in the diffusion model's scale; of the larger size with
     *     {@link Upscale}
     * @throws IllegalArgumentException if the model cannot make them, saying what it can
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     */
    public NDArray latents(NDManager manager, GenerationRequest request, NoiseSource noise, Progress progress) {
        try (NDManager own = manager.newSubManager()) {
            Batch batch = new Batch(0, Collections.nCopies(request.count(), request.prompt()));
            NDArray latents = latents(own, legs(request), batch, noise, progress);
            latents.attach(manager);
            return latents;
        }
    }

    /** Images {@code first} to {@code first + size() - 1} of a request, each with its prompt. */
    private record Batch(int first, List<String> prompts) {
        int size() {
            return prompts.size();
        }
    }

    /**
     * What a run came to.
     *
     * @param keeping what keeps latents to the request's image, where another model goes on
     */
    private record Reached(NDArray latents, Optional<InpaintBlend> keeping) {}

    private Stages legs(GenerationRequest request) {
        return refiner.map(r -> Stages.of(request, parts, r.pipeline().parts, r.from()))
                .orElseGet(() -> Stages.of(request, parts));
    }

    /** The latents that all legs lead to, which {@code manager} owns with all that was made on the way. */
    private NDArray latents(NDManager manager, Stages legs, Batch batch, NoiseSource noise, Progress progress) {
        Run base = legs.base();
        int total = legs.steps();
        Reached first = leg(
                manager,
                base,
                batch,
                plan -> Start.of(base, plan, batch.size(), manager, noise),
                noise,
                new PartialProgress(progress, 0, total));
        PartialProgress on = new PartialProgress(progress, Stages.steps(base), total);
        if (legs.rest().isPresent()) {
            TextToImagePipeline second = refiner.orElseThrow().pipeline();
            Function<Plan, Start> from = plan -> Start.from(first.latents(), first.keeping());
            return second.leg(manager, legs.rest().get(), batch, from, noise, on)
                    .latents();
        }
        if (legs.larger().isPresent()) {
            Run larger = legs.larger().get();
            Function<Plan, Start> from = plan -> Start.enlarged(larger, plan, first.latents(), noise);
            return leg(manager, larger, batch, from, noise, on).latents();
        }
        return first.latents();
    }

    @SuppressWarnings("try")
    private Reached leg(
            NDManager manager,
            Run run,
            Batch batch,
            Function<Plan, Start> beginning,
            NoiseSource noise,
            Progress progress) {
        Cancellation cancellation = new Cancellation(progress);
        try (NDScope scope = new NDScope()) {
            Plan plan = run.course().plan();
            cancellation.check();
            TextPlan texts = TextPlan.of(run, plan, batch.prompts(), manager);
            cancellation.check();
            Start start = beginning.apply(plan);
            NDScope.unregister(start.latents());
            List<ActiveControl> controls = run.request().controls().stream()
                    .map(control -> ActiveControl.of(control, run, manager))
                    .toList();
            cancellation.check();
            try (WeightLease unet = parts.use(ModelPart.UNET);
                    StepPass pass = new StepPass(run.request().loras(), manager)) {
                StepNetworks networks = new StepNetworks(IntStream.range(0, plan.steps())
                        .mapToObj(step -> new StepNetwork(
                                parts,
                                pass,
                                run.guidance(),
                                texts.steps().get(step),
                                start.channels(),
                                controls,
                                plan,
                                step))
                        .toList());
                BatchDenoising loop = new BatchDenoising(
                        run.course().scheduler(),
                        plan,
                        run.course().taken(plan),
                        noise,
                        progress,
                        batch.first(),
                        batch.size(),
                        x0 -> previews.isPresent()
                                ? previews.get().images(x0)
                                : run.codec().images(x0));
                NDArray latents = loop.run(start.latents(), networks, start.hold(), networks::done, manager);
                start.later().ifPresent(keeping -> keeping.attach(manager));
                return new Reached(latents, start.later());
            }
        }
    }

    /**
     * Draws the latents of an image with N(0, 1) {@code noise}, (N, channels, height / f, width / f), of which each gives
     * one draw.
     *
     * @param manager owns the result
     * @return of the shape of {@code noise}, in the diffusion model's scale
     */
    public NDArray encode(NDManager manager, BufferedImage image, NDArray noise) {
        return Scopes.scoped(() -> {
            NDArray latents = parts.codec(Tiling.AUTO).encode(Images.toArray(manager, image), noise);
            latents.attach(manager);
            return latents;
        });
    }

    /**
     * Decodes latents in the diffusion model's scale, one image at a time.
     *
     * @throws IllegalStateException if an image has numbers that are not finite, which would look black
     */
    public List<BufferedImage> images(NDArray latents) {
        return parts.codec(Tiling.AUTO).images(latents);
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
