package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import io.latent4j.core.image.Images;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.memory.MachineMemory;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.lora.Lora;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.pipeline.run.Attachments;
import io.latent4j.pipeline.run.Cancellation;
import io.latent4j.pipeline.run.ImageNoise;
import io.latent4j.pipeline.run.MemoryCheck;
import io.latent4j.pipeline.run.RunLeases;
import io.latent4j.pipeline.run.RunWarnings;
import io.latent4j.pipeline.run.StagedDenoising;
import io.latent4j.pipeline.run.Stages;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Text, or text and an image, to images with a latent diffusion model of any family (<a
 * href="https://arxiv.org/abs/2112.10752">Rombach et al. 2021</a>): text to conditioning, noise to latents under its
 * guidance, latents to images.
 *
 * <p>Immutable; any number of threads may generate at a time, and a request gives the same images whatever else runs. The
 * model and what is attached stay their owners' to close, at any time: closing one ends the runs that use it at their next
 * step, with a {@link io.latent4j.core.memory.ResourceClosedException}, and waits for them.
 */
public final class TextToImagePipeline {
    private final Model parts;
    private final Attachments attached;
    private final Optional<Refiner> refiner;
    private final Optional<PreviewDecoder> previews;

    /** A model that takes over after the fraction {@code from} of the trajectory. */
    private record Refiner(Model parts, double from) {}

    /** A pipeline over {@code parts}, with nothing attached. */
    public TextToImagePipeline(Model parts) {
        this(parts, Attachments.NONE, Optional.empty(), Optional.empty());
    }

    private TextToImagePipeline(
            Model parts, Attachments attached, Optional<Refiner> refiner, Optional<PreviewDecoder> previews) {
        this.parts = parts;
        this.attached = attached;
        this.refiner = refiner;
        this.previews = previews;
    }

    /** This pipeline with these adapters and no others, each by its {@link Lora#name}. */
    public TextToImagePipeline withAdapters(Lora... adapters) {
        return withAdapters(byName(List.of(adapters), Lora::name, "adapters"));
    }

    /** This pipeline with these adapters and no others, by the names that requests use. */
    public TextToImagePipeline withAdapters(Map<String, Lora> adapters) {
        return new TextToImagePipeline(parts, new Attachments(adapters, attached.controlNets()), refiner, previews);
    }

    /** This pipeline with these control networks and no others, each by its {@link ControlNet#name}. */
    public TextToImagePipeline withControlNets(ControlNet... controlNets) {
        return withControlNets(byName(List.of(controlNets), ControlNet::name, "control networks"));
    }

    /** This pipeline with these control networks and no others, by the names that requests use. */
    public TextToImagePipeline withControlNets(Map<String, ControlNet> controlNets) {
        return new TextToImagePipeline(parts, new Attachments(attached.adapters(), controlNets), refiner, previews);
    }

    private static <T> Map<String, T> byName(List<T> all, Function<T, String> name, String what) {
        Map<String, T> named = new LinkedHashMap<>();
        for (T each : all) {
            T other = named.putIfAbsent(name.apply(each), each);
            if (other != null && !other.equals(each)) {
                throw new IllegalArgumentException("two " + what + " are called " + name.apply(each)
                        + "; expected one of each name, or a map with other names");
            }
        }
        return ImmutableMap.copyOf(named);
    }

    /** This pipeline with previews of steps by a decoder of their own. */
    public TextToImagePipeline withPreviews(PreviewDecoder decoder) {
        return new TextToImagePipeline(parts, attached, refiner, Optional.of(decoder));
    }

    /**
     * This pipeline with a model that takes over its latents: SDXL's refiner for instance, at 0.8. It has no adapters and no
     * controls.
     *
     * @param refiner has latents of the same kind
     * @param from the fraction of the denoising trajectory after which it takes over, between 0 and 1: see {@link
     *     DenoisingRange}
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
        return new TextToImagePipeline(parts, attached, Optional.of(new Refiner(refiner, rest.start())), previews);
    }

    /** {@link #generate(GenerationRequest, Progress)} without a listener. */
    public Generation generate(GenerationRequest request) {
        return generate(request, Progress.NONE);
    }

    /**
     * Makes the images of a request.
     *
     * @throws IllegalArgumentException if the model cannot make them, saying what it can
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     * @throws io.latent4j.core.memory.ResourceClosedException if the model or something else that the run uses is closed
     * @throws IllegalStateException if numbers overflow on the way
     */
    public Generation generate(GenerationRequest request, Progress progress) {
        return generate(
                Collections.nCopies(request.batch().count(), request.prompt().text()), request, progress);
    }

    /**
     * Refuses a request that the model cannot make, by its settings and without its weights, which may be offloaded. What
     * only shows in prompts and images is not checked.
     *
     * @throws IllegalArgumentException if the model cannot make it, saying what it can
     */
    public void check(GenerationRequest request) {
        try (RunLeases leases = leases(request)) {
            stages(request.seeded()).steps();
        }
    }

    /**
     * {@link #generate(GenerationRequest, Progress)} on a thread of {@code executor}. Cancelling the result ends the run
     * within one step.
     */
    public CompletableFuture<Generation> generateAsync(
            GenerationRequest request, Progress progress, Executor executor) {
        CompletableFuture<Generation> result = new CompletableFuture<>();
        Progress cancellable = new CancellableProgress(progress, result::isCancelled);
        executor.execute(() -> {
            if (result.isCancelled()) {
                return;
            }
            try {
                result.complete(generate(request, cancellable));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /**
     * Makes one image for each prompt, and all else as {@code request} says: those of one request for each, image i with
     * seed + i. With a batch size above 1 they are made faster. Texts of a batch become equally long: if one has more tokens
     * than the model reads at once, the others are followed by empty texts, which changes their images.
     *
     * @param request its own prompt text and count are ignored
     * @throws IllegalArgumentException if there is no prompt, or the model cannot make an image, saying what it can
     * @throws io.latent4j.pipeline.run.NotEnoughMemoryException if the machine has not the memory for it
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     * @throws io.latent4j.core.memory.ResourceClosedException if the model or something else that the run uses is closed
     * @throws IllegalStateException if numbers overflow on the way
     */
    public Generation generate(List<String> prompts, GenerationRequest request, Progress progress) {
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException("there is no prompt; expected one or more");
        }
        GenerationRequest all = request.withCount(prompts.size()).seeded();
        try (RunLeases leases = leases(all)) {
            Map<String, Stages> stages = new LinkedHashMap<>();
            Stages first = stages(all.withPrompt(prompts.get(0)));
            MemoryCheck.check(first, MachineMemory.here());
            prompts.forEach(prompt -> stages.computeIfAbsent(prompt, first::withPrompt));
            List<GeneratedImage> results =
                    images(prompts, stages, progress, new Cancellation(progress::cancelled, leases.all()));
            List<String> warnings = stages.values().stream()
                    .flatMap(each -> RunWarnings.of(each.base()).stream())
                    .distinct()
                    .toList();
            return new Generation(results, warnings);
        }
    }

    /** @param stages of each prompt, which differ in nothing else */
    private List<GeneratedImage> images(
            List<String> prompts, Map<String, Stages> stages, Progress progress, Cancellation cancellation) {
        Stages any = stages.get(prompts.get(0));
        GenerationRequest request = any.base().request();
        BatchEvents events =
                new BatchEvents(progress, prompts.size(), request.batch().batchSize());
        List<GeneratedImage> results = new ArrayList<>();
        for (List<String> batch : Lists.partition(prompts, request.batch().batchSize())) {
            events.batch(results.size(), batch.size());
            NoiseSource noise = ImageNoise.of(request.batch(), results.size(), batch.size());
            try (NDManager manager = parts.manager().newSubManager()) {
                NDArray latents = new StagedDenoising(
                                stages.get(batch.get(0)), batch, noise, cancellation, events, previews)
                        .latents(manager);
                cancellation.check();
                NativeHeap.trim(); // decoding needs the room that denoising is done with
                events.onDecoding();
                any.base().codec().images(latents, cancellation::check, decoded -> {
                    int i = results.size();
                    GeneratedImage image = new GeneratedImage(
                            any.base().finished(decoded),
                            request.batch().seed(i),
                            stages.get(prompts.get(i)).parameters(i));
                    results.add(image);
                    events.onImage(i, image);
                });
            }
        }
        return results;
    }

    /**
     * The latents that {@code request} leads to, before they are decoded, with noise from {@code noise}: first that of the
     * latents of the request's image, if there is one, then that of the start, then that of the masked image's latents
     * for an inpainting UNet, then the sampler's; with {@link io.latent4j.pipeline.request.Upscale} that of the second run
     * follows. The request's seed, variation and batch size are ignored: all images are one batch.
     *
     * @param manager owns the result, and nothing else that is made here
     * @return (count, channels, height / f, width / f), in the diffusion model's scale; of the larger size with {@link
     *     io.latent4j.pipeline.request.Upscale}
     * @throws IllegalArgumentException if the model cannot make them, saying what it can
     * @throws CancellationException if {@code progress} or an interrupt ended the run
     * @throws io.latent4j.core.memory.ResourceClosedException if the model or something else that the run uses is closed
     */
    public NDArray latents(NDManager manager, GenerationRequest request, NoiseSource noise, Progress progress) {
        int count = request.batch().count();
        BatchEvents events = new BatchEvents(progress, count, count);
        events.batch(0, count);
        try (RunLeases leases = leases(request);
                NDManager own = manager.newSubManager()) {
            NDArray latents = new StagedDenoising(
                            stages(request.seeded()),
                            Collections.nCopies(count, request.prompt().text()),
                            noise,
                            new Cancellation(progress::cancelled, leases.all()),
                            events,
                            previews)
                    .latents(own);
            latents.attach(manager);
            return latents;
        }
    }

    private RunLeases leases(GenerationRequest request) {
        return RunLeases.of(request, parts, attached, refiner.map(Refiner::parts), previews);
    }

    private Stages stages(GenerationRequest request) {
        return refiner.map(r -> Stages.of(request, parts, attached, r.parts(), r.from()))
                .orElseGet(() -> Stages.of(request, parts, attached));
    }

    /**
     * Draws the latents of an image with N(0, 1) {@code noise}, (N, channels, height / f, width / f), of which each gives
     * one draw.
     *
     * @param manager owns the result
     * @return of the shape of {@code noise}, in the diffusion model's scale
     */
    public NDArray encode(NDManager manager, BufferedImage image, NDArray noise) {
        try (Leases.Lease lease = parts.lease()) {
            return Scopes.scoped(() -> {
                NDArray latents = parts.codec(Tiling.AUTO).encode(Images.toArray(manager, image), noise);
                latents.attach(manager);
                return latents;
            });
        }
    }

    /**
     * Decodes latents in the diffusion model's scale, one image at a time.
     *
     * @throws IllegalStateException if an image has numbers that are not finite, which would look black
     */
    public List<BufferedImage> images(NDArray latents) {
        try (Leases.Lease lease = parts.lease()) {
            return parts.codec(Tiling.AUTO).images(latents);
        }
    }

    /**
     * Decodes latents in the diffusion model's scale to (N, 3, H, W), about [-1, 1], float32.
     *
     * @throws IllegalStateException if the VAE overflows its data type
     */
    public NDArray decode(NDArray latents) {
        try (Leases.Lease lease = parts.lease()) {
            return parts.codec(Tiling.AUTO).decode(latents);
        }
    }
}
