package io.latent4j.pipeline;

/** Receives the events of a generation, on the thread that runs it, and may end it. */
@FunctionalInterface
public interface Progress {
    /** Ignores all events. */
    Progress NONE = event -> {};

    /** A denoising step is done; the event is of use until this returns. */
    void onStep(StepEvent event);

    /** A stage begins. */
    default void onStage(StageEvent event) {}

    /** An image is finished: before the others of its batch are decoded, and before later batches begin. */
    default void onImage(ImageEvent event) {}

    /**
     * Whether to stop: asked before each evaluation of the network and each image that is decoded, so a run ends within
     * one step, with a {@link java.util.concurrent.CancellationException}. Interrupting the running thread does the same.
     */
    default boolean cancelled() {
        return false;
    }
}
