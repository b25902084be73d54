package io.latent4j.server.own;

import com.google.gson.JsonObject;
import io.latent4j.server.api.Told;
import io.latent4j.service.queue.JobEvent;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Events of a job as server-sent events: a name and one line of JSON. */
final class EventJson {
    private static final double MILLISECONDS = 1000;

    private EventJson() {}

    static String of(JobEvent event) {
        JsonObject json = new JsonObject();
        String name;
        if (event instanceof JobEvent.Queued queued) {
            name = "queued";
            json.addProperty("position", queued.position());
        } else if (event instanceof JobEvent.Loading loading) {
            name = "loading";
            json.addProperty("model", loading.model());
        } else if (event instanceof JobEvent.Started started) {
            name = "started";
            json.addProperty("model", started.model());
            json.addProperty("steps", started.steps());
        } else if (event instanceof JobEvent.Stage stage) {
            name = "stage";
            json.addProperty("stage", stage.stage().name().toLowerCase(Locale.ROOT));
            json.addProperty("image", stage.image());
            json.addProperty("images", stage.images());
        } else if (event instanceof JobEvent.Step step) {
            name = "step";
            json.addProperty("step", step.step());
            json.addProperty("steps", step.steps());
            json.addProperty("seconds_left", step.remaining().toMillis() / MILLISECONDS);
        } else if (event instanceof JobEvent.Preview preview) {
            name = "preview";
            json.addProperty("step", preview.step());
            json.addProperty("image", preview.image());
            json.addProperty("png", png(preview.preview()));
        } else if (event instanceof JobEvent.Image image) {
            name = "image";
            json = JobJson.of(image.image());
        } else if (event instanceof JobEvent.Warning warning) {
            name = "warning";
            json.addProperty("warning", Told.text(warning.warning()));
        } else if (event instanceof JobEvent.Ended ended) {
            name = "ended";
            json = JobJson.of(ended.job());
        } else {
            throw new IllegalStateException("unknown event " + event);
        }
        return "event: " + name + "\ndata: " + json + "\n\n";
    }

    private static String png(BufferedImage image) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, "png", out);
            return Base64.getEncoder().encodeToString(out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
