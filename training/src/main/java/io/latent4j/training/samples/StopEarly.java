package io.latent4j.training.samples;

import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.StepEvent;
import java.util.function.BooleanSupplier;

/** Listens to nothing, and ends a run when {@code stopping} turns true. */
public record StopEarly(BooleanSupplier stopping) implements Progress {
    @Override
    public void onStep(StepEvent event) {}

    @Override
    public boolean cancelled() {
        return stopping.getAsBoolean();
    }
}
