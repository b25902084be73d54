package io.latent4j.training.samples;

import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * The prompts that a run draws now and then, always with the same noise: what changes is the model.
 *
 * @param seed of the first prompt's image; that of prompt i has {@code seed + i}
 */
public record PromptSamples(List<String> prompts, int steps, double guidanceScale, long seed) {
    public PromptSamples {
        prompts = List.copyOf(prompts);
    }

    /** Whether there is nothing to draw. */
    public boolean isEmpty() {
        return prompts.isEmpty();
    }

    /**
     * Draws all prompts.
     *
     * @param stopping ends it with a {@link java.util.concurrent.CancellationException} when it turns true
     */
    public BufferedImage draw(String title, TextToImagePipeline pipeline, BooleanSupplier stopping) {
        return draw(title, pipeline, UnaryOperator.identity(), stopping);
    }

    /**
     * Draws all prompts.
     *
     * @param asked what is asked for besides: adapters, for instance
     */
    public BufferedImage draw(
            String title,
            TextToImagePipeline pipeline,
            UnaryOperator<GenerationRequest> asked,
            BooleanSupplier stopping) {
        List<SampleSheet.Cell> cells = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            GenerationRequest request = new GenerationRequest(prompts.get(i))
                    .withPromptSyntax(PromptSyntax.PLAIN) // as captions are read
                    .withSteps(steps)
                    .withGuidanceScale(guidanceScale)
                    .withSeed(seed + i);
            cells.add(new SampleSheet.Cell(
                    pipeline.generate(asked.apply(request), new StopEarly(stopping))
                            .image(),
                    prompts.get(i)));
        }
        return new SampleSheet(title, cells).draw();
    }
}
