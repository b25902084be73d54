package io.latent4j.cli.generate;

import io.latent4j.cli.output.ImagesMade;
import io.latent4j.cli.output.PreviewFile;
import io.latent4j.cli.output.RunDisplay;
import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.StepEvent;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobStart;
import io.latent4j.service.JobStep;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Shows how a job goes, and writes each image as soon as it is finished, so that an interrupt loses none of them. */
final class GenerateListener implements JobListener {
    private final RunDisplay display;
    private final ImagesMade made;
    private final PreviewFile preview;

    GenerateListener(RunDisplay display, ImagesMade made, PreviewFile preview) {
        this.display = display;
        this.made = made;
        this.preview = preview;
    }

    @Override
    public void onStart(JobStart start) {
        Batch batch = start.request().batch();
        String varied = batch.variation()
                .map(v -> ", variation seed " + Long.toUnsignedString(v.seed()))
                .orElse("");
        display.start("seed " + Long.toUnsignedString(batch.seed(0)) + varied, (long) start.steps() * start.batches());
    }

    @Override
    public void onStep(JobStep step) {
        StepEvent event = step.event();
        display.step(step.step(), step.steps(), event.step() == event.steps());
        preview.show(event);
    }

    @Override
    public void onImage(ImageEvent event) {
        if (event.index() + 1 == event.count()) {
            display.close();
        } else {
            display.clear();
        }
        try {
            made.add(event.image(), event.index());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onWarning(String warning) {
        display.clear();
        made.warn(warning);
    }
}
