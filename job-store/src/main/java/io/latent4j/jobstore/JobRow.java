package io.latent4j.jobstore;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.job.InvalidJobException;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.store.JobError;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A row of table {@code job}, which becomes a job with its images.
 *
 * @param number the job's number
 * @param turn its place among jobs of its priority
 * @param unreadable why this version cannot read what it is to make; its job has an empty request then
 * @param job the job of images
 */
record JobRow(long number, long turn, Optional<String> unreadable, Function<List<StoredImage>, StoredJob> job) {
    private static final Logger LOGGER = LoggerFactory.getLogger(JobRow.class);
    private static final Gson GSON = new Gson();
    private static final TypeToken<List<String>> TEXTS = new TypeToken<>() {};

    static JobRow read(ResultSet row) throws SQLException {
        long number = row.getLong("number");
        String id = row.getString("id");
        Optional<String> unreadable = Optional.empty();
        JobSpec spec;
        try {
            spec = JobSpec.fromJson(text(row, "spec").orElseThrow());
        } catch (InvalidJobException e) {
            LOGGER.warn("this version cannot read what the job {} is to make: {}", id, e.getMessage());
            unreadable = Optional.of(e.getMessage());
            spec = new JobSpec(new GenerationRequest(""));
        }
        String client = text(row, "client").orElseThrow();
        String label = text(row, "label").orElseThrow();
        int priority = row.getInt("priority");
        JobSpec made = spec;
        JobState state = JobState.valueOf(row.getString("state"));
        Instant accepted = SqlTime.read(row, "accepted");
        Optional<Instant> deadline = SqlTime.optional(row, "deadline");
        Optional<Instant> started = SqlTime.optional(row, "started");
        Optional<Instant> ended = SqlTime.optional(row, "ended");
        Optional<String> worker = text(row, "worker");
        int attempts = row.getInt("attempts");
        boolean cancelling = row.getBoolean("cancelling");
        Optional<JobError> error = error(row);
        List<String> warnings = warnings(text(row, "warnings").orElseThrow());
        return new JobRow(
                number,
                row.getLong("turn"),
                unreadable,
                images -> new StoredJob(
                        number,
                        id,
                        client,
                        label,
                        priority,
                        made,
                        state,
                        accepted,
                        deadline,
                        started,
                        ended,
                        worker,
                        attempts,
                        cancelling,
                        error,
                        warnings,
                        images));
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column)).map(SqlText::decode);
    }

    private static Optional<JobError> error(ResultSet row) throws SQLException {
        Optional<String> kind = Optional.ofNullable(row.getString("error_kind"));
        Optional<String> message = text(row, "error_message");
        return kind.map(k -> new JobError(JobError.Kind.valueOf(k), message.orElseThrow()));
    }

    private static List<String> warnings(String json) {
        return GSON.fromJson(json, TEXTS);
    }

    /** The column of warnings, which {@link #read} reads. */
    static String column(List<String> warnings) {
        return SqlText.encode(GSON.toJson(warnings));
    }

    static StoredImage image(ResultSet row) throws SQLException {
        return new StoredImage(
                row.getString("digest"),
                row.getInt("image"),
                row.getLong("seed"),
                row.getInt("width"),
                row.getInt("height"),
                text(row, "parameters").orElseThrow(),
                SqlTime.read(row, "made"));
    }
}
