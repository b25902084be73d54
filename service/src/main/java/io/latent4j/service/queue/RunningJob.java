package io.latent4j.service.queue;

import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.GeneratedImage;
import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.StageEvent;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobRunner;
import io.latent4j.service.JobStart;
import io.latent4j.service.JobStep;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobEnd;
import io.latent4j.service.store.JobError;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that this process runs: what comes of it goes to the store, the folder of images and those who listen. */
final class RunningJob implements JobListener {
    private static final Logger LOGGER = LoggerFactory.getLogger(RunningJob.class);

    private final StoredJob job;
    private final String worker;
    private final JobStore store;
    private final ImageFolder folder;
    private final Listeners listeners;
    private final QueueOptions options;
    private final Clock clock;
    private final int before; // images that an earlier attempt finished and that are not made again
    private final List<String> warnings = new ArrayList<>();
    private volatile Stop stop = Stop.NO;
    private volatile JobProgress progress;
    private long previewed = Long.MIN_VALUE; // nanoseconds

    /** Why it is to stop. */
    private enum Stop {
        NO,
        CANCELLED,
        PUT_BACK,
        DEADLINE,
        NOT_OURS
    }

    RunningJob(
            StoredJob job,
            String worker,
            JobStore store,
            ImageFolder folder,
            Listeners listeners,
            QueueOptions options,
            Clock clock) {
        this.job = job;
        this.worker = worker;
        this.store = store;
        this.folder = folder;
        this.listeners = listeners;
        this.options = options;
        this.clock = clock;
        this.before = finishedBatches(job);
        this.progress = new JobProgress(0, 0, job.images().size(), Duration.ZERO, clock.instant(), Optional.empty());
    }

    /** Whole batches only, so that the images are the same as without an interruption. */
    private static int finishedBatches(StoredJob job) {
        int first = 0;
        while (first < job.images().size() && job.images().get(first).index() == first) {
            first++;
        }
        int size = job.spec().request().batch().batchSize();
        return first == job.count() ? first : first / size * size;
    }

    JobProgress progress() {
        return progress;
    }

    void cancel() {
        if (stop == Stop.NO) {
            stop = Stop.CANCELLED;
        }
    }

    /** The job is to wait again. */
    void putBack() {
        if (stop == Stop.NO) {
            stop = Stop.PUT_BACK;
        }
    }

    /** Runs it to its end, or until it is put back. */
    void run(JobRunner runner) {
        try {
            if (before < job.count()) {
                runner.run(left(), this);
            }
            end(JobEnd.done(warnings, clock.instant()));
        } catch (CancellationException e) {
            stopped();
        } catch (InvalidJobException e) {
            end(JobEnd.failed(new JobError(JobError.Kind.INVALID, message(e)), warnings, clock.instant()));
        } catch (RuntimeException e) {
            LOGGER.warn("the job {} failed", job.id(), e);
            end(JobEnd.failed(new JobError(JobError.Kind.FAILED, message(e)), warnings, clock.instant()));
        } catch (Error e) {
            end(JobEnd.failed(new JobError(JobError.Kind.FAILED, message(e)), warnings, clock.instant()));
            throw e;
        }
    }

    private JobSpec left() {
        return before == 0
                ? job.spec()
                : job.spec().withRequest(job.spec().request().part(before, job.count() - before));
    }

    private static String message(Throwable error) {
        return Optional.ofNullable(error.getMessage())
                .orElseGet(() -> error.getClass().getSimpleName());
    }

    private void stopped() {
        switch (stop) {
            case PUT_BACK -> store.release(job.id(), worker, clock.instant());
            case DEADLINE ->
                end(JobEnd.failed(
                        new JobError(JobError.Kind.DEADLINE, "its deadline was over before it was done"),
                        warnings,
                        clock.instant()));
            case NOT_OURS -> LOGGER.warn("the job {} was taken over by another process", job.id());
            case NO, CANCELLED -> end(JobEnd.cancelled(warnings, clock.instant()));
        }
    }

    private void end(JobEnd end) {
        if (store.end(job.id(), worker, end)) {
            store.find(job.id()).ifPresent(listeners::ended);
        }
    }

    @Override
    public void onLoading(String model) {
        listeners.tell(job.id(), new JobEvent.Loading(model));
    }

    @Override
    public void onStart(JobStart start) {
        int steps = start.steps() * start.batches();
        listeners.tell(job.id(), new JobEvent.Started(start.model(), steps));
        progress = new JobProgress(
                0, steps, progress.images(), progress.remaining(), progress.started(), Optional.empty());
    }

    @Override
    public void onStage(StageEvent event) {
        listeners.tell(job.id(), new JobEvent.Stage(event.stage(), before + event.image(), event.images()));
    }

    @Override
    public void onStep(JobStep step) {
        JobProgress last = progress;
        listeners.tell(job.id(), new JobEvent.Step(step.step(), step.steps(), step.remaining()));
        Optional<BufferedImage> preview = preview(step);
        progress = new JobProgress(
                step.step(), step.steps(), last.images(), step.remaining(), last.started(), preview.or(last::preview));
    }

    /** Previews, where they are not those of the model's autoencoder, which take as long as the image. */
    private Optional<BufferedImage> preview(JobStep step) {
        long now = System.nanoTime();
        boolean last = step.event().step() == step.event().steps();
        if (job.spec().preview().isEmpty()
                || last
                || previewed != Long.MIN_VALUE
                        && now - previewed < options.previewEvery().toNanos()) {
            return Optional.empty();
        }
        List<BufferedImage> previews = step.event().preview().get();
        for (int i = 0; i < previews.size(); i++) {
            listeners.tell(
                    job.id(),
                    new JobEvent.Preview(step.step(), before + step.event().image() + i, previews.get(i)));
        }
        previewed = System.nanoTime();
        return previews.stream().findFirst();
    }

    @Override
    public void onImage(ImageEvent event) {
        GeneratedImage made = event.image();
        byte[] png = PngFile.bytes(made.image(), Map.of("parameters", made.parameters()));
        StoredImage image = new StoredImage(
                put(png),
                before + event.index(),
                made.seed(),
                made.image().getWidth(),
                made.image().getHeight(),
                made.parameters(),
                Instant.ofEpochMilli(clock.millis()));
        if (!store.addImage(job.id(), worker, image)) {
            stop = Stop.NOT_OURS;
            return;
        }
        listeners.tell(job.id(), new JobEvent.Image(image));
        JobProgress last = progress;
        progress = new JobProgress(
                last.step(), last.steps(), last.images() + 1, last.remaining(), last.started(), last.preview());
    }

    private String put(byte[] png) {
        try {
            return folder.put(png);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public void onWarning(String warning) {
        if (!warnings.contains(warning)) {
            warnings.add(warning);
            listeners.tell(job.id(), new JobEvent.Warning(warning));
        }
    }

    @Override
    public boolean cancelled() {
        if (stop == Stop.NO
                && job.deadline().filter(d -> !d.isAfter(clock.instant())).isPresent()) {
            stop = Stop.DEADLINE;
        }
        return stop != Stop.NO;
    }
}
