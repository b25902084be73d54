package io.latent4j.training.samples;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.request.GenerationRequest;
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
    public static UnconditionalSamples read(Config samples, int timesteps) {
        return new UnconditionalSamples(
                samples.integer("count", Bounds.of(0, MOST), 16),
                samples.integer("steps", Bounds.atLeast(1), Math.min(STEPS, timesteps)),
                samples.integer("seed", Bounds.atLeast(0), 0));
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
