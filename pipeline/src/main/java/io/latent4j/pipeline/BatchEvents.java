package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import io.latent4j.pipeline.StageEvent.Stage;
import io.latent4j.pipeline.run.DenoisingListener;
import io.latent4j.schedulers.NoiseLevel;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Reports what happens to one batch after the other of a request as events. */
final class BatchEvents implements DenoisingListener {
    private final Progress progress;
    private final int count;
    private final int batchSize;
    private int first;
    private int images;
    private long begun;
    private long denoising; // nanoseconds, in earlier batches

    BatchEvents(Progress progress, int count, int batchSize) {
        this.progress = progress;
        this.count = count;
        this.batchSize = batchSize;
    }

    /** The batch of images {@code first} to {@code first + images - 1} begins. */
    void batch(int first, int images) {
        this.first = first;
        this.images = images;
        begun = 0;
    }

    /** Denoising is over, and images are decoded. */
    void onDecoding() {
        denoising += begun == 0 ? 0 : System.nanoTime() - begun;
        stage(Stage.DECODING);
    }

    /** Image {@code index} of the request is finished. */
    void onImage(int index, GeneratedImage image) {
        progress.onImage(new ImageEvent(index, count, image));
    }

    @Override
    public void onLoading() {
        stage(Stage.LOADING);
    }

    @Override
    public void onTexts() {
        stage(Stage.TEXT);
    }

    @Override
    public void onDenoising() {
        begun = begun == 0 ? System.nanoTime() : begun;
        stage(Stage.DENOISING);
    }

    @Override
    public void onStep(int step, int steps, NoiseLevel level, NDArray latents, Supplier<List<BufferedImage>> preview) {
        long done = (long) first / batchSize * steps + step;
        long all = (long) ((count - 1) / batchSize + 1) * steps;
        double each = (double) (denoising + System.nanoTime() - begun) / done;
        Duration remaining = Duration.ofNanos((long) (each * (all - done)));
        progress.onStep(new StepEvent(step, steps, first, images, remaining, level, latents, preview));
    }

    private void stage(Stage stage) {
        progress.onStage(new StageEvent(stage, first, images));
    }
}
