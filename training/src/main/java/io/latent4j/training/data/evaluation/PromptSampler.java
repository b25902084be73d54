package io.latent4j.training.data.evaluation;

import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Makes images of different prompts in one batch, as a {@link TextToImagePipeline} does. */
public final class PromptSampler {
    private final TextToImagePipeline pipeline;
    private final GenerationRequest request;
    private final double guidanceScale;
    private final int steps;

    /**
     * A sampler of one model.
     *
     * @param parts which stay the caller's to close
     * @param request how the images are made; its prompt, seed and count are ignored
     * @throws IllegalArgumentException if the scheduler cannot plan its steps
     */
    public PromptSampler(Components parts, GenerationRequest request) {
        this(new TextToImagePipeline(parts), parts, request);
    }

    /** {@link #PromptSampler(Components, GenerationRequest)} with a pipeline of {@code parts}, which has what the request names. */
    public PromptSampler(TextToImagePipeline pipeline, Components parts, GenerationRequest request) {
        this.pipeline = pipeline;
        this.request = request;
        this.guidanceScale = request.guidance().scale().orElse(parts.defaults().guidanceScale());
        Scheduler scheduler = request.sampling()
                .scheduler()
                .map(name -> Schedulers.named(name, parts.scheduler()))
                .orElseGet(() -> Schedulers.from(parts.scheduler()));
        Steps asked = request.sampling()
                .steps()
                .orElseGet(() -> Steps.of(parts.defaults().steps()));
        int width = request.size().width().orElse(parts.defaults().width());
        int height = request.size().height().orElse(parts.defaults().height());
        LatentSize size = LatentSize.of(parts.codec(request.tiling()).latentShape(1, width, height));
        this.steps = scheduler.plan(asked, size).steps();
    }

    /** How strongly prompts pull. */
    public double guidanceScale() {
        return guidanceScale;
    }

    /** How often {@code onStep} is called for a batch. */
    public int steps() {
        return steps;
    }

    /**
     * Makes one image a prompt.
     *
     * @param firstSeed of the first image; image i has {@code firstSeed + i}
     * @param onStep is called after each step of the batch
     * @throws CancellationException if the thread is interrupted
     * @throws IllegalArgumentException if the model cannot make the images, saying what it can
     */
    public List<BufferedImage> images(List<String> prompts, long firstSeed, Runnable onStep) {
        GenerationRequest batch = request.withSeed(firstSeed).withBatchSize(prompts.size());
        return pipeline.generate(prompts, batch, event -> onStep.run()).images();
    }
}
