package io.latent4j.training.samples;

import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.training.config.RunFile;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Images of nothing but noise that a run draws now and then, always of the same: what changes is the model.
 *
 * @param count 0 for none
 * @param seed of the first; image i has {@code seed + i}
 */
public record UnconditionalSamples(int count, int steps, long seed) {
    private static final int MOST = 64;

    private static final int STEPS = 50;

    /**
     * The {@code samples} section of a run file.
     *
     * @param timesteps of the model
     */
    public static UnconditionalSamples read(RunFile samples, int timesteps) {
        int count = samples.integer("count", 0, 16);
        if (count > MOST) {
            throw samples.bad("count", count, "at most " + MOST);
        }
        return new UnconditionalSamples(
                count, samples.integer("steps", 1, Math.min(STEPS, timesteps)), samples.integer("seed", 0, 0));
    }

    /**
     * Draws them all.
     *
     * @param stopping ends it with a {@link java.util.concurrent.CancellationException} when it turns true
     */
    public BufferedImage draw(String title, UnconditionalPipeline pipeline, BooleanSupplier stopping) {
        GenerationRequest request =
                new GenerationRequest("").withSteps(steps).withSeed(seed).withCount(count);
        List<SampleSheet.Cell> cells = pipeline.generate(request, new StopEarly(stopping)).results().stream()
                .map(each -> new SampleSheet.Cell(each.image(), "seed " + each.seed()))
                .toList();
        return new SampleSheet(title, cells).draw();
    }
}
