package io.latent4j.server.own;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.api.SpecFiles;
import io.latent4j.server.api.Told;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.util.Locale;

/** Jobs as JSON. Paths of files are not told: an image that a job starts from is its digest. */
final class JobJson {
    private JobJson() {}

    static JsonObject of(StoredJob job) {
        JsonObject json = new JsonObject();
        json.addProperty("id", job.id());
        json.addProperty("number", job.number());
        json.addProperty("state", job.state().name().toLowerCase(Locale.ROOT));
        json.addProperty("accepted", job.accepted().toString());
        job.started().ifPresent(at -> json.addProperty("started", at.toString()));
        job.ended().ifPresent(at -> json.addProperty("ended", at.toString()));
        job.deadline().ifPresent(at -> json.addProperty("deadline", at.toString()));
        if (!job.label().isEmpty()) {
            json.addProperty("label", job.label());
        }
        json.addProperty("priority", job.priority());
        json.addProperty("cancelling", job.cancelling());
        job.error().ifPresent(error -> {
            JsonObject told = new JsonObject();
            told.addProperty("kind", error.kind().name().toLowerCase(Locale.ROOT));
            told.addProperty("message", Told.text(error.message()));
            json.add("error", told);
        });
        JsonArray warnings = new JsonArray();
        Told.warnings(job).forEach(warnings::add);
        json.add("warnings", warnings);
        JsonArray images = new JsonArray();
        job.images().forEach(image -> images.add(of(image)));
        json.add("images", images);
        json.add(
                "spec",
                SpecFiles.withoutPaths(
                        JsonParser.parseString(job.spec().toJson()).getAsJsonObject()));
        return json;
    }

    static JsonObject of(StoredImage image) {
        JsonObject json = new JsonObject();
        json.addProperty("id", image.digest());
        json.addProperty("url", "/api/images/" + image.digest());
        json.addProperty("index", image.index());
        json.addProperty("seed", Long.toUnsignedString(image.seed()));
        json.addProperty("width", image.width());
        json.addProperty("height", image.height());
        json.addProperty("parameters", image.parameters());
        json.addProperty("made", image.made().toString());
        return json;
    }
}
