package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.image.Pictures;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.lora.LoraPart;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.Plan;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Text, or text and a picture, to pictures with Stable Diffusion 1 and 2 (<a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2021</a>): text to
 * hidden states, noise to latents under their guidance, latents to pictures.
 *
 * <p>Immutable; any number of threads may generate at a time, and a request gives the same pictures whatever else runs.
 */
public final class StableDiffusionPipeline {
    private final Components parts;

    /** A pipeline over {@code parts}, which stay the caller's to close. */
    public StableDiffusionPipeline(Components parts) {
        this.parts = parts;
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
        Run run = Run.of(request, parts);
        List<GeneratedImage> results = new ArrayList<>();
        for (int first = 0; first < request.count(); first += request.batchSize()) {
            int images = Math.min(request.batchSize(), request.count() - first);
            NoiseSource noise = NoiseSource.perImage(request.seed() + first, images);
            try (NDManager manager = parts.manager().newSubManager()) {
                NDArray latents = latents(manager, run, new Batch(first, images), noise, progress);
                NativeHeap.trim(); // decoding needs the room that denoising is done with
                for (BufferedImage image : pictures(latents)) {
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
        return latents(manager, Run.of(request, parts), new Batch(0, request.count()), noise, progress);
    }

    /** Images {@code first} to {@code first + size - 1} of a request. */
    private record Batch(int first, int size) {}

    @SuppressWarnings("try")
    private NDArray latents(NDManager manager, Run run, Batch batch, NoiseSource noise, Progress progress) {
        try (NDScope scope = new NDScope()) {
            NDArray context = context(manager, run, batch.size());
            Plan plan = run.plan();
            Start start = Start.of(run, plan, batch.size(), manager, noise);
            NDScope.unregister(start.latents());
            Pass pass = run.pass(LoraPart.UNET, manager);
            Network network = new Network(parts, pass, run.guidance(), context, start.channels());
            try (LastGuess guess = new LastGuess(cancellable(network, progress))) {
                NDArray latents =
                        Sampling.run(run.scheduler(), plan, start.latents(), guess, noise, start.hold(), (x, done) -> {
                            progress.onStep(new StepEvent(
                                    done,
                                    plan.steps(),
                                    batch.first(),
                                    batch.size(),
                                    plan.level(done),
                                    x,
                                    () -> pictures(guess.x0())));
                            guess.close();
                        });
                latents.attach(manager);
                NDScope.unregister(latents);
                return latents;
            }
        }
    }

    /** Hidden states of the prompt for each image, after those of the negative prompt if guidance needs them. */
    private NDArray context(NDManager manager, Run run, int images) {
        List<String> prompts = new ArrayList<>();
        if (run.guidance().active()) {
            prompts.addAll(Collections.nCopies(images, run.negativePrompt()));
        }
        prompts.addAll(Collections.nCopies(images, run.prompt()));
        return Scopes.scoped(() -> {
            NDArray ids = parts.tokenizer().encode(manager, prompts);
            return parts.textEncoder()
                    .forward(run.pass(LoraPart.TEXT_ENCODER, manager), ids)
                    .last();
        });
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
        return parts.codec().encode(Pictures.toArray(manager, picture), noise);
    }

    /**
     * Decodes latents in the diffusion model's scale, one picture at a time.
     *
     * @throws IllegalStateException if a picture has numbers that are not finite, which would look black
     */
    public List<BufferedImage> pictures(NDArray latents) {
        return parts.codec().pictures(latents);
    }

    /**
     * Decodes latents in the diffusion model's scale to (N, 3, H, W), about [-1, 1], float32.
     *
     * @throws IllegalStateException if the VAE overflows its data type
     */
    public NDArray decode(NDArray latents) {
        return parts.codec().decode(latents);
    }
}
