package io.latent4j.service;

import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.StageEvent;

/**
 * Receives what happens to a job, in this order and on the job's thread: opening, starting, stages and steps, images and
 * warnings, and one of done, failed and cancelled. A job goes on when a method returns; what it throws ends the job, which
 * then has failed.
 */
public interface JobListener {
    /** Ignores everything. */
    JobListener NONE = new JobListener() {};

    /** The model and what goes with it are opened, or found open. */
    default void onLoading(String model) {}

    /** Everything is open, and the images are begun. */
    default void onStart(JobStart start) {}

    /** A stage of a batch begins: loading, text, denoising or decoding. */
    default void onStage(StageEvent event) {}

    /** A step is done. */
    default void onStep(JobStep step) {}

    /** An image is finished, before the others are. */
    default void onImage(ImageEvent event) {}

    /** Something has no effect, or another one than expected. */
    default void onWarning(String warning) {}

    /** All images are finished. */
    default void onDone(JobResult result) {}

    /** The job cannot be run as it is described, {@link io.latent4j.service.job.InvalidJobException}, or its work failed. */
    default void onFailed(Throwable error) {}

    /** The job was cancelled. */
    default void onCancelled() {}

    /** Whether to stop, asked at least once a step. */
    default boolean cancelled() {
        return false;
    }
}
