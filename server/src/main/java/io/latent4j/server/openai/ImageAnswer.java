package io.latent4j.server.openai;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.JobSettings;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.Told;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.util.Base64;
import java.util.List;

/**
 * What a request is answered.
 *
 * @param request what was asked for
 * @param base where the server is, as the client calls it
 */
record ImageAnswer(ImageRequest request, String base) {

    /** The images of a job that is done. */
    JsonObject of(StoredJob job, ServedJobs jobs) {
        JsonObject json = new JsonObject();
        json.addProperty("created", job.ended().orElse(job.accepted()).getEpochSecond());
        JsonArray data = new JsonArray();
        job.images().forEach(image -> data.add(of(image, jobs)));
        json.add("data", data);
        job.images().stream().findFirst().ifPresent(image -> describe(json, image.width(), image.height()));
        json.add("usage", usage());
        JsonObject ours = new JsonObject();
        ours.addProperty("job", job.id());
        ours.add("warnings", warnings(Told.warnings(job)));
        json.add(JobSettings.NAME, ours);
        return json;
    }

    private JsonObject of(StoredImage image, ServedJobs jobs) {
        JsonObject json = new JsonObject();
        if (request.url()) {
            json.addProperty("url", url(image));
        } else {
            json.addProperty("b64_json", base64(request.encoding().of(jobs.png(image))));
        }
        json.add(JobSettings.NAME, settings(image));
        return json;
    }

    private String url(StoredImage image) {
        ImageEncoding encoding = request.encoding();
        String url =
                base + "/api/images/" + image.digest() + "." + encoding.format().word(); // clients name files by it
        return encoding.format() == ImageEncoding.Format.PNG ? url : url + "?quality=" + encoding.quality();
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** How an image was made. */
    static JsonObject settings(StoredImage image) {
        JsonObject json = new JsonObject();
        json.addProperty("id", image.digest());
        json.addProperty("seed", Long.toUnsignedString(image.seed()));
        json.addProperty("width", image.width());
        json.addProperty("height", image.height());
        json.addProperty("parameters", image.parameters());
        return json;
    }

    /** Says what kind of images there are. */
    void describe(JsonObject json, int width, int height) {
        json.addProperty("size", width + "x" + height);
        json.addProperty("quality", request.quality().word());
        json.addProperty("background", "opaque");
        json.addProperty("output_format", request.encoding().format().word());
    }

    /** What clients expect to be told of tokens, of which there are none here. */
    static JsonObject usage() {
        JsonObject details = new JsonObject();
        details.addProperty("text_tokens", 0);
        details.addProperty("image_tokens", 0);
        JsonObject json = new JsonObject();
        json.addProperty("input_tokens", 0);
        json.addProperty("output_tokens", 0);
        json.addProperty("total_tokens", 0);
        json.add("input_tokens_details", details);
        return json;
    }

    /** The warnings of the request, and these. */
    JsonArray warnings(List<String> ofJob) {
        JsonArray json = new JsonArray();
        request.warnings().forEach(json::add);
        ofJob.forEach(json::add);
        return json;
    }
}
