package io.latent4j.service.queue;

import io.latent4j.pipeline.StageEvent;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.awt.image.BufferedImage;
import java.time.Duration;

/** What happens to a job in a queue, in the order of the records here; {@link Ended} is the last and comes once. */
public sealed interface JobEvent {
    /**
     * It waits.
     *
     * @param position how many jobs go before it, those that run not counted
     */
    record Queued(int position) implements JobEvent {}

    /** The model and what goes with it are opened, or found open. */
    record Loading(String model) implements JobEvent {}

    /**
     * Images are begun.
     *
     * @param model what the model is called
     * @param steps of all that is left to do; 0 if another process does it
     */
    record Started(String model, int steps) implements JobEvent {}

    /**
     * A stage of a batch begins.
     *
     * @param image index of the batch's first image in the job
     * @param images how many images the batch has
     */
    record Stage(StageEvent.Stage stage, int image, int images) implements JobEvent {}

    /**
     * A step is done.
     *
     * @param step how many, from 1
     * @param steps of how many
     * @param remaining an estimate of the time until the last one
     */
    record Step(int step, int steps, Duration remaining) implements JobEvent {}

    /**
     * What an image would be if it were finished now.
     *
     * @param step after so many steps
     * @param image index of the image in the job
     * @param preview may be smaller than the image
     */
    record Preview(int step, int image, BufferedImage preview) implements JobEvent {}

    /** An image is finished and kept. */
    record Image(StoredImage image) implements JobEvent {}

    /** Something has no effect, or another one than expected. */
    record Warning(String warning) implements JobEvent {}

    /** It is done, failed or cancelled. */
    record Ended(StoredJob job) implements JobEvent {}
}
