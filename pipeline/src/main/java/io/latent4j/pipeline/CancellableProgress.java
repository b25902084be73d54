package io.latent4j.pipeline;

import java.util.function.BooleanSupplier;

/** A listener that something else may cancel too. */
record CancellableProgress(Progress listener, BooleanSupplier alsoCancelled) implements Progress {

    @Override
    public void onStep(StepEvent event) {
        listener.onStep(event);
    }

    @Override
    public void onStage(StageEvent event) {
        listener.onStage(event);
    }

    @Override
    public void onImage(ImageEvent event) {
        listener.onImage(event);
    }

    @Override
    public boolean cancelled() {
        return alsoCancelled.getAsBoolean() || listener.cancelled();
    }
}
