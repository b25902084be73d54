package io.latent4j.training.data.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.Sampling;
import io.latent4j.pipeline.StableDiffusionPipeline;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Makes pictures of different prompts in one batch, with classifier-free guidance against the empty prompt and the size that
 * the model was made for. {@link StableDiffusionPipeline}, which takes one prompt at a time, makes the same pictures.
 */
public final class PromptSampler {
    private final Components parts;
    private final Scheduler scheduler;
    private final Plan plan;
    private final double guidanceScale;
    private final List<LoraUse> loras;

    /**
     * @param parts which stay the caller's to close
     * @param steps of denoising
     * @param guidanceScale how strongly prompts pull; 1 and below is no guidance
     * @throws IllegalArgumentException if the scheduler cannot plan so many steps
     */
    public PromptSampler(Components parts, Scheduler scheduler, int steps, double guidanceScale) {
        this(parts, scheduler, steps, guidanceScale, List.of());
    }

    private PromptSampler(Components parts, Scheduler scheduler, int steps, double guidanceScale, List<LoraUse> loras) {
        checkArgument(
                guidanceScale >= 0 && guidanceScale <= 100, "guidance scale is %s; expected 0 to 100", guidanceScale);
        this.parts = parts;
        this.scheduler = scheduler;
        this.plan = scheduler.plan(steps);
        this.guidanceScale = guidanceScale;
        this.loras = List.copyOf(loras);
    }

    /**
     * This sampler with adapters.
     *
     * @param loras which stay the caller's to close, each with one strength for all steps
     */
    public PromptSampler withLoras(List<LoraUse> loras) {
        return new PromptSampler(parts, scheduler, plan.steps(), guidanceScale, loras);
    }

    /** How strongly prompts pull. */
    public double guidanceScale() {
        return guidanceScale;
    }

    /** How often {@code onStep} is called for a batch. */
    public int steps() {
        return plan.steps();
    }

    /**
     * Makes one picture a prompt.
     *
     * @param firstSeed of the first picture; picture i has {@code firstSeed + i}
     * @param onStep is called after each step of the batch
     * @throws CancellationException if the thread is interrupted
     */
    @SuppressWarnings("try")
    public List<BufferedImage> pictures(List<String> prompts, long firstSeed, Runnable onStep) {
        try (NDManager manager = parts.manager().newSubManager();
                NDScope scope = new NDScope()) {
            NDArray context = context(manager, prompts);
            Pass unet = pass(LoraPart.UNET, manager);
            NoiseSource noise = NoiseSource.perImage(firstSeed, prompts.size());
            NDArray start = plan.initialLatents(noise.like(manager.zeros(latentShape(prompts.size()))));
            NDScope.unregister(start); // the loop closes it
            NDArray latents =
                    Sampling.run(scheduler, plan, start, denoiser(context, unet), noise, (x, done) -> onStep.run());
            latents.attach(manager);
            NativeHeap.trim();
            return new StableDiffusionPipeline(parts).pictures(latents);
        }
    }

    private NDArray context(NDManager manager, List<String> prompts) {
        List<String> texts = new ArrayList<>();
        if (guidanceScale > 1) {
            texts.addAll(Collections.nCopies(prompts.size(), ""));
        }
        texts.addAll(prompts);
        return Scopes.scoped(() -> {
            NDArray ids = parts.tokenizer().encode(manager, texts);
            return parts.textEncoder()
                    .forward(pass(LoraPart.TEXT_ENCODER, manager), ids)
                    .last();
        });
    }

    private Pass pass(LoraPart part, NDManager manager) {
        return Pass.inference().withAdapters(LoraUse.adapters(loras, part, manager));
    }

    private Shape latentShape(int pictures) {
        int multiple = parts.vae().config().downscale();
        return new Shape(
                pictures,
                parts.vae().config().latentChannels(),
                parts.defaults().height() / multiple,
                parts.defaults().width() / multiple);
    }

    private Denoiser denoiser(NDArray context, Pass unet) {
        return (x, at) -> {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("evaluation was cancelled");
            }
            NDArray input = Ops.cast(x, parts.dataType());
            NDArray output;
            if (guidanceScale > 1) {
                NDList both = predict(unet, input.concat(input), at.timestep(), context)
                        .split(2);
                output = both.get(0).add(both.get(1).sub(both.get(0)).mul(guidanceScale));
            } else {
                output = predict(unet, input, at.timestep(), context);
            }
            return parts.scheduler().predictionType().read(output, x, at);
        };
    }

    private NDArray predict(Pass unet, NDArray input, double timestep, NDArray context) {
        return Ops.cast(parts.unet().forward(unet, input, timestep, context), DataType.FLOAT32);
    }
}
