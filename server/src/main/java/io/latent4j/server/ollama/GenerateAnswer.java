package io.latent4j.server.ollama;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.JobSettings;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.Told;
import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/** A job as Ollama answers it: lines of JSON for its steps, and one for its end, with the image. */
final class GenerateAnswer implements EventStreams.Form {
    private final GenerateRequest request;
    private final ServedJobs jobs;

    GenerateAnswer(GenerateRequest request, ServedJobs jobs) {
        this.request = request;
        this.jobs = jobs;
    }

    @Override
    public Optional<String> of(JobEvent event) {
        if (event instanceof JobEvent.Step step) {
            JsonObject json = unfinished();
            json.addProperty("completed", step.step());
            json.addProperty("total", step.steps());
            return Optional.of(json + "\n");
        }
        if (event instanceof JobEvent.Ended ended) {
            StoredJob job = ended.job();
            JsonObject json = job.state() == JobState.DONE ? done(job) : error(ServedJobs.unfinished(job));
            return Optional.of(json + "\n");
        }
        return Optional.empty();
    }

    /** A line that says that nothing has changed. */
    String idle() {
        return unfinished() + "\n";
    }

    private JsonObject unfinished() {
        JsonObject json = new JsonObject();
        json.addProperty("model", request.named());
        json.addProperty("created_at", Instant.now().toString());
        json.addProperty("response", "");
        json.addProperty("done", false);
        return json;
    }

    /** What is answered for a job that is done. */
    JsonObject done(StoredJob job) {
        JsonObject json = unfinished();
        json.addProperty("done", true);
        json.addProperty("done_reason", "stop");
        json.addProperty(
                "total_duration",
                Duration.between(job.accepted(), job.ended().orElse(job.accepted()))
                        .toNanos());
        JsonObject ours = new JsonObject();
        ours.addProperty("job", job.id());
        job.images().stream().findFirst().ifPresent(image -> {
            json.addProperty("image", Base64.getEncoder().encodeToString(jobs.png(image)));
            settings(ours, image);
        });
        JsonArray warnings = new JsonArray();
        request.warnings().forEach(warnings::add);
        Told.warnings(job).forEach(warnings::add);
        ours.add("warnings", warnings);
        json.add(JobSettings.NAME, ours);
        return json;
    }

    private static void settings(JsonObject json, StoredImage image) {
        json.addProperty("id", image.digest());
        json.addProperty("seed", Long.toUnsignedString(image.seed()));
        json.addProperty("width", image.width());
        json.addProperty("height", image.height());
        json.addProperty("parameters", image.parameters());
    }

    /** What is answered for a prompt that is empty, by which clients ask for the model to be loaded: here it is when a job needs it. */
    JsonObject loaded() {
        JsonObject json = unfinished();
        json.addProperty("done", true);
        json.addProperty("done_reason", "load");
        return json;
    }

    static JsonObject error(ApiException error) {
        JsonObject json = new JsonObject();
        json.addProperty("error", error.getMessage());
        return json;
    }
}
