package io.latent4j.server.openai;

import com.google.gson.JsonObject;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.EventStreams;
import io.latent4j.server.api.JobSettings;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.Told;
import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredImage;
import java.awt.image.BufferedImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job's events as OpenAI's: unfinished images, finished ones, and what went wrong. It is for one stream. */
final class ImageEvents implements EventStreams.Form {
    private final String prefix;
    private final ImageAnswer answer;
    private final ServedJobs jobs;
    private final int partial;
    private final int count;
    private final int batchSize;
    private final Map<Integer, Integer> told = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private int steps; // of each batch

    /**
     * @param prefix of the events' names
     * @param count how many images the job makes
     * @param batchSize how many at a time
     */
    ImageEvents(String prefix, ImageAnswer answer, ServedJobs jobs, int count, int batchSize) {
        this.prefix = prefix;
        this.answer = answer;
        this.jobs = jobs;
        this.partial = answer.request().partial().orElse(0);
        this.count = count;
        this.batchSize = batchSize;
    }

    @Override
    public Optional<String> of(JobEvent event) {
        if (event instanceof JobEvent.Started started) {
            int batches = (count - 1) / batchSize + 1;
            steps = started.steps() / batches;
        } else if (event instanceof JobEvent.Step step && steps == 0) {
            steps = step.steps() / ((count - 1) / batchSize + 1);
        } else if (event instanceof JobEvent.Warning warning) {
            warnings.add(Told.text(warning.warning()));
        } else if (event instanceof JobEvent.Preview preview && isDue(preview)) {
            return Optional.of(partial(preview));
        } else if (event instanceof JobEvent.Image image) {
            return Optional.of(completed(image.image()));
        } else if (event instanceof JobEvent.Ended ended && ended.job().state() != JobState.DONE) {
            return Optional.of(error(ServedJobs.unfinished(ended.job())));
        }
        return Optional.empty();
    }

    /** The unfinished images of one are evenly far apart, or as near to that as there are previews. */
    private boolean isDue(JobEvent.Preview preview) {
        int before = told.getOrDefault(preview.image(), 0);
        int step = preview.step() - preview.image() / batchSize * steps;
        return before < partial && steps > 0 && (long) step * (partial + 1) >= (long) steps * (before + 1);
    }

    private String partial(JobEvent.Preview preview) {
        int index = told.merge(preview.image(), 1, Integer::sum) - 1;
        BufferedImage image = preview.preview();
        JsonObject json = event("partial_image", answer.request().encoding().of(image));
        answer.describe(json, image.getWidth(), image.getHeight());
        json.addProperty("partial_image_index", index);
        JsonObject ours = new JsonObject();
        ours.addProperty("index", preview.image());
        json.add(JobSettings.NAME, ours);
        return text(json);
    }

    private String completed(StoredImage image) {
        JsonObject json = event("completed", answer.request().encoding().of(jobs.png(image)));
        answer.describe(json, image.width(), image.height());
        json.add("usage", ImageAnswer.usage());
        JsonObject ours = ImageAnswer.settings(image);
        ours.addProperty("index", image.index());
        ours.add("warnings", answer.warnings(warnings));
        json.add(JobSettings.NAME, ours);
        return text(json);
    }

    private JsonObject event(String name, byte[] image) {
        JsonObject json = new JsonObject();
        json.addProperty("type", prefix + "." + name);
        json.addProperty("b64_json", ImageAnswer.base64(image));
        json.addProperty("created_at", Instant.now().getEpochSecond());
        return json;
    }

    private static String error(ApiException error) {
        JsonObject json = OpenAiErrors.form(error);
        json.addProperty("type", "error");
        return text(json);
    }

    private static String text(JsonObject json) {
        return "event: " + json.get("type").getAsString() + "\ndata: " + json + "\n\n";
    }
}
