package io.latent4j.server.api;

import io.javalin.http.Context;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jobs of clients: what all APIs do with them. Images that a job starts from are files of {@link Uploads}. */
public final class ServedJobs {
    private static final Logger LOGGER = LoggerFactory.getLogger(ServedJobs.class);

    private final JobQueue queue;
    private final ImageFolder images;
    private final LimitCheck limits;
    private final ServedModels models;
    private final Priorities priorities;
    private final boolean logPrompts;

    /**
     * @param queue stays the caller's to close
     * @param logPrompts whether each job's prompts are logged, and its warnings
     */
    public ServedJobs(
            JobQueue queue,
            ImageFolder images,
            Limits limits,
            ServedModels models,
            Priorities priorities,
            boolean logPrompts) {
        this.priorities = priorities;
        this.logPrompts = logPrompts;
        this.queue = queue;
        this.images = images;
        this.limits = new LimitCheck(limits, models);
        this.models = models;
        if (logPrompts) {
            queue.observe(ServedJobs::logWarnings); // which quote prompts
        }
    }

    private static void logWarnings(String id, JobEvent event) {
        if (event instanceof JobEvent.Ended ended) {
            ended.job().warnings().forEach(warning -> LOGGER.info("job {}: {}", id, line(warning)));
        }
    }

    /** Where they wait and run. */
    public JobQueue queue() {
        return queue;
    }

    /** Who may have jobs go before those of others. */
    public Priorities priorities() {
        return priorities;
    }

    /**
     * Accepts a job.
     *
     * @throws ApiException if it asks for more than one may, or names what is not here
     * @throws io.latent4j.service.store.QueueFullException if too many wait
     */
    public StoredJob submit(JobSpec spec, Submission by) {
        JobSpec asked = spec.model().isPresent() || models.chosen().isEmpty() ? spec : spec.withModel(models.usual());
        limits.check(asked);
        JobSpec named = models.named(asked);
        JobSpec shown = named.preview().isPresent() ? named : named.withPreview(JobSpec.LINEAR);
        StoredJob job = queue.submit(shown, by);
        if (logPrompts) {
            Prompt prompt = job.spec().request().prompt();
            String whose = by.client() + (by.label().isEmpty() ? "" : " for " + by.label());
            LOGGER.info("job {} of {}: {} / {}", job.id(), whose, line(prompt.text()), line(prompt.negative()));
        }
        return job;
    }

    /** Without what would begin a line of its own in the log. */
    private static String line(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    /**
     * The answer of a job that a client waits for: if the client goes before, the job is cancelled, unless others listen to it.
     *
     * @param answer must not be sent before the result of this is there
     */
    public <T> CompletableFuture<T> whileWaiting(Context context, String id, CompletableFuture<T> answer) {
        return WaitingClient.watch(
                context,
                () -> {
                    if (queue.listeners(id) <= 1) { // the answer itself
                        LOGGER.info("job {} is cancelled, as its client is gone", id);
                        queue.cancel(id);
                    }
                },
                answer);
    }

    /** Completes with a job when it is done, or with the {@link ApiException} of one that is not, on no thread of the queue. */
    public CompletableFuture<StoredJob> whenDone(String id) {
        return queue.ended(id)
                .thenApplyAsync(job -> done(job.orElseThrow(() -> ApiException.notFound("there is no job " + id))));
    }

    private static StoredJob done(StoredJob job) {
        if (job.state() == JobState.DONE) {
            return job;
        }
        throw unfinished(job);
    }

    /** Why a job has no result. */
    public static ApiException unfinished(StoredJob job) {
        return switch (job.state()) {
            case FAILED -> failure(job);
            case CANCELLED -> new ApiException(499, "cancelled", "the job was cancelled");
            default -> new ApiException(504, "too_slow", "the job " + job.id() + " is not done yet; ask for it later");
        };
    }

    /** What went wrong with a job that failed. */
    public static ApiException failure(StoredJob job) {
        return job.error()
                .map(error -> switch (error.kind()) {
                    case INVALID -> ApiException.invalid(Told.text(error.message()));
                    case DEADLINE -> new ApiException(504, "deadline", Told.text(error.message()));
                    case FAILED -> new ApiException(500, "failed", Told.text(error.message()));
                })
                .orElseGet(() -> new ApiException(500, "failed", "the job failed"));
    }

    /**
     * The PNG of a finished image, with its parameters.
     *
     * @throws ApiException if there is none
     */
    public byte[] png(String digest) {
        if (!ImageFolder.isDigest(digest)) {
            throw ApiException.notFound("there is no such image; expected 64 hexadecimal digits");
        }
        Path file = images.find(digest).orElseThrow(() -> ApiException.notFound("there is no such image"));
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("an image cannot be read", e);
        }
    }

    /** The same of a stored image. */
    public byte[] png(StoredImage image) {
        return png(image.digest());
    }

    /** A request that cannot be read. */
    public static ApiException invalid(InvalidJobException e) {
        return ApiException.invalid(Told.text(e.getMessage()));
    }
}
