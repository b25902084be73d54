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
import io.latent4j.service.store.JobEnd;
import io.latent4j.service.store.JobError;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that this process runs: what comes of it goes to the store, the folder of images and those who listen. */
final class RunningJob implements JobListener {
    private static final Logger LOGGER = LoggerFactory.getLogger(RunningJob.class);

    private final StoredJob job;
    private final String worker;
    private final QueueParts queue;
    private final int before; // images that an earlier attempt finished and that are not made again
    private final List<String> warnings = new ArrayList<>();
    private final EventsSoFar events; // guards itself and the order in which listeners get them
    private final AtomicReference<Stop> stop = new AtomicReference<>(Stop.NO);
    private volatile JobProgress progress;
    private long previewed = Long.MIN_VALUE; // nanoseconds
    private Optional<JobEnd> end = Optional.empty(); // none if it is put back

    /** Why it is to stop. */
    private enum Stop {
        NO,
        CANCELLED,
        PUT_BACK,
        DEADLINE,
        NOT_OURS
    }

    /** @param worker who has claimed it */
    RunningJob(StoredJob job, String worker, QueueParts queue) {
        this.job = job;
        this.worker = worker;
        this.queue = queue;
        this.before = finishedBatches(job);
        this.events = new EventsSoFar(job.images());
        this.progress = new JobProgress(0, 0, job.images().size(), Duration.ZERO, queue.now(), Optional.empty());
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

    String id() {
        return job.id();
    }

    String worker() {
        return worker;
    }

    JobProgress progress() {
        return progress;
    }

    void cancel() {
        stop.compareAndSet(Stop.NO, Stop.CANCELLED);
    }

    /** The job is to wait again. */
    void putBack() {
        stop.compareAndSet(Stop.NO, Stop.PUT_BACK);
    }

    /** It was taken for lost, and is another worker's. */
    void lost() {
        stop.set(Stop.NOT_OURS);
    }

    /** A listener begins with what has happened so far, and is told all that follows. */
    void begin(Listener listener) {
        synchronized (events) {
            listener.begin(events.all());
        }
    }

    private void tell(JobEvent event) {
        queue.listeners().tellObservers(job.id(), event);
        pass(event);
    }

    private void pass(JobEvent event) {
        List<Listener> listeners;
        synchronized (events) {
            events.add(event);
            listeners = queue.listeners().of(job.id());
            listeners.forEach(listener -> listener.add(event));
        }
        listeners.forEach(Listener::tell);
    }

    /** Runs it until nothing is left but to {@link #settle} it. */
    void run(JobRunner runner) {
        try {
            if (before < job.count()) {
                runner.run(left(), this);
            }
            end = Optional.of(JobEnd.done(warnings, queue.now()));
        } catch (CancellationException e) {
            end = stopped();
        } catch (InvalidJobException e) {
            end = Optional.of(failed(JobError.Kind.INVALID, message(e)));
        } catch (RuntimeException | Error e) {
            LOGGER.warn("the job {} failed", job.id(), e);
            end = Optional.of(failed(JobError.Kind.FAILED, message(e)));
        }
    }

    private JobSpec left() {
        return before == 0
                ? job.spec()
                : job.spec().withRequest(job.spec().request().part(before, job.count() - before));
    }

    private JobEnd failed(JobError.Kind kind, String message) {
        return JobEnd.failed(new JobError(kind, message), warnings, queue.now());
    }

    private static String message(Throwable error) {
        if (error instanceof OutOfMemoryError) {
            return "there is too little memory for it; expected a smaller image, or fewer images at a time";
        }
        return Optional.ofNullable(error.getMessage()).orElse("it failed; the log tells why");
    }

    private Optional<JobEnd> stopped() {
        return switch (stop.get()) {
            case PUT_BACK, NOT_OURS -> Optional.empty();
            case NO -> { // an interrupt, which is nobody's wish to cancel it
                Thread.interrupted();
                yield Optional.empty();
            }
            case DEADLINE -> Optional.of(failed(JobError.Kind.DEADLINE, StoredJob.TOO_LATE));
            case CANCELLED -> Optional.of(JobEnd.cancelled(warnings, queue.now()));
        };
    }

    /**
     * Ends it in the store, or gives it back; may be tried again if the store cannot be reached.
     *
     * @return the job at its end, if that is where it is
     */
    Optional<StoredJob> settle() {
        boolean ours = end.isPresent()
                ? queue.store().end(job.id(), worker, end.get())
                : queue.store().release(job.id(), worker, queue.now());
        Optional<StoredJob> now = queue.store().find(job.id());
        if (!ours && !now.flatMap(StoredJob::worker).equals(Optional.of(worker))) {
            LOGGER.warn("the job {} was taken over by another worker", job.id());
        }
        return now.filter(stored -> stored.state().isEnd());
    }

    /** Tells listeners that it is at its end, and of images that it has of others who took it over. */
    void tellEnd(StoredJob ended) {
        ended.images().forEach(image -> pass(new JobEvent.Image(image)));
        tell(new JobEvent.Ended(ended));
    }

    @Override
    public void onLoading(String model) {
        tell(new JobEvent.Loading(model));
    }

    @Override
    public void onStart(JobStart start) {
        int steps = start.steps() * start.batches();
        progress = new JobProgress(
                0, steps, progress.images(), progress.remaining(), progress.started(), Optional.empty());
        tell(new JobEvent.Started(start.model(), steps));
    }

    @Override
    public void onStage(StageEvent event) {
        tell(new JobEvent.Stage(event.stage(), before + event.image(), event.images()));
    }

    @Override
    public void onStep(JobStep step) {
        JobProgress last = progress;
        progress = new JobProgress(
                step.step(), step.steps(), last.images(), step.remaining(), last.started(), last.preview());
        tell(new JobEvent.Step(step.step(), step.steps(), step.remaining()));
        preview(step);
    }

    /** Previews, where they are not those of the model's autoencoder, which take as long as the image. */
    private void preview(JobStep step) {
        long now = System.nanoTime();
        boolean last = step.event().step() == step.event().steps();
        if (job.spec().preview().isEmpty()
                || last
                || (previewed != Long.MIN_VALUE
                        && now - previewed < queue.options().previewEvery().toNanos())) {
            return;
        }
        List<BufferedImage> previews = step.event().preview().get();
        JobProgress at = progress;
        progress = new JobProgress(
                at.step(),
                at.steps(),
                at.images(),
                at.remaining(),
                at.started(),
                previews.stream().findFirst());
        for (int i = 0; i < previews.size(); i++) {
            tell(new JobEvent.Preview(step.step(), before + step.event().image() + i, previews.get(i)));
        }
        previewed = System.nanoTime();
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
                queue.now());
        if (!queue.store().addImage(job.id(), worker, image)) {
            lost();
            return;
        }
        tell(new JobEvent.Image(image));
        JobProgress last = progress;
        progress =
                new JobProgress(last.step(), last.steps(), images(), last.remaining(), last.started(), last.preview());
    }

    private int images() {
        synchronized (events) {
            return events.images();
        }
    }

    private String put(byte[] png) {
        try {
            return queue.images().put(png);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public void onWarning(String warning) {
        if (!warnings.contains(warning)) {
            warnings.add(warning);
            tell(new JobEvent.Warning(warning));
        }
    }

    @Override
    public boolean cancelled() {
        if (job.deadline().filter(d -> !d.isAfter(queue.now())).isPresent()) {
            stop.compareAndSet(Stop.NO, Stop.DEADLINE);
        }
        return stop.get() != Stop.NO;
    }
}
