package io.latent4j.server;

import io.latent4j.server.api.Uploads;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.store.ImageFolder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes images that were sent and that nobody has used for as long as jobs are kept, a part of them at a time. */
final class UploadClearing implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(UploadClearing.class);
    private static final long PERIOD = 10; // seconds; all parts take 43 minutes

    /** How long an image stays in any case, as a job may be about to need it. */
    private static final Duration LEAST = Duration.ofHours(1);

    private final Uploads uploads;
    private final JobQueue queue;
    private final Duration keepFor;
    private final ScheduledExecutorService thread;
    private int part;
    private boolean failing;

    /** @param keepFor how long an image stays after it was used last */
    UploadClearing(Uploads uploads, JobQueue queue, Duration keepFor) {
        this.uploads = uploads;
        this.queue = queue;
        this.keepFor = keepFor.compareTo(LEAST) < 0 ? LEAST : keepFor;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread named = new Thread(task, "latent4j-uploads");
            named.setDaemon(true);
            return named;
        });
        ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(this::clearNext, PERIOD, PERIOD, TimeUnit.SECONDS);
    }

    private void clearNext() {
        try {
            uploads.clear(part, Instant.now().minus(keepFor), queue);
            failing = false;
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                LOGGER.warn("images that were sent cannot be cleared up; it is tried again", e);
            }
            failing = true;
        }
        part = (part + 1) % ImageFolder.PARTS;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
