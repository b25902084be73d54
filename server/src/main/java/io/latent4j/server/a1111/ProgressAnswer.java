package io.latent4j.server.a1111;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.service.queue.JobProgress;
import io.latent4j.service.store.StoredJob;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Where a client's job is.
 *
 * @param job that runs, or waits where none runs
 * @param progress of a job that runs
 * @param waiting how many jobs of the client wait or run elsewhere; without meaning where there is progress
 */
record ProgressAnswer(Optional<StoredJob> job, Optional<JobProgress> progress, int waiting) {
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);
    private static final double BEGUN = 0.01;
    private static final double MILLISECONDS = 1000;

    /** @param image whether the preview is wanted */
    JsonObject json(boolean image) {
        JsonObject json = new JsonObject();
        json.addProperty("progress", fraction());
        json.addProperty("eta_relative", eta());
        json.add("state", state());
        json.add("current_image", JsonNull.INSTANCE);
        json.add("textinfo", JsonNull.INSTANCE);
        if (image) {
            preview().ifPresent(png -> json.addProperty("current_image", png));
        }
        if (job.isPresent() && progress.isEmpty()) {
            json.addProperty("textinfo", "Waiting...");
        }
        return json;
    }

    /** The part of the job that is done, 0 to 1. */
    double fraction() {
        if (job.isEmpty()) {
            return 0;
        }
        return progress.filter(now -> now.steps() > 0)
                .map(now -> Math.min(1, BEGUN + (1 - BEGUN) * now.step() / now.steps()))
                .orElse(BEGUN);
    }

    /** Seconds until the last step. */
    double eta() {
        return progress.map(now -> now.remaining().toMillis() / MILLISECONDS).orElse(0.0);
    }

    /** The last preview, a PNG in Base64. */
    Optional<String> preview() {
        return progress.flatMap(JobProgress::preview)
                .map(image -> Base64.getEncoder().encodeToString(PngFile.bytes(image, Map.of())));
    }

    private JsonObject state() {
        int batches = job.map(ProgressAnswer::batches).orElse(0);
        int steps = progress.map(JobProgress::steps).orElse(0);
        int each = batches == 0 ? 0 : steps / batches;
        int step = progress.map(JobProgress::step).orElse(0);
        int number = each == 0 ? 0 : Math.min(batches - 1, step / each);
        JsonObject json = new JsonObject();
        json.addProperty("skipped", false);
        json.addProperty("interrupted", job.map(StoredJob::cancelling).orElse(false));
        json.addProperty("stopping_generation", job.map(StoredJob::cancelling).orElse(false));
        json.addProperty("job", job.map(StoredJob::id).orElse(""));
        json.addProperty("job_count", progress.isPresent() ? batches : waiting);
        json.addProperty(
                "job_timestamp", job.map(at -> timestamp(at.accepted())).orElse("0"));
        json.addProperty("job_no", number);
        json.addProperty("sampling_step", step - number * each);
        json.addProperty("sampling_steps", each);
        return json;
    }

    private static String timestamp(Instant time) {
        return TIMESTAMP.format(time);
    }

    private static int batches(StoredJob job) {
        int size = job.spec().request().batch().batchSize();
        return (job.count() - 1) / size + 1;
    }
}
