package io.latent4j.pipeline;


/** Hears of a run's progress, on the thread that runs it, and may end it. */
@FunctionalInterface
public interface Progress {
    /** Hears nothing. */
    Progress NONE = event -> {};

    /** Is called after each denoising step; the event is good until this returns. */
    void onStep(StepEvent event);

    /**
     * Whether to stop: asked before each evaluation of the network and each image that is decoded, so a run ends within
     * one step, with a {@link
     * java.util.concurrent.CancellationException}. Interrupting the running thread does the same.
     */
    default boolean cancelled() {
        return false;
    }
}
