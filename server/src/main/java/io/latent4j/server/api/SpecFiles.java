package io.latent4j.server.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** Images in the JSON form of a job: clients name them by digests, jobs by files. */
public final class SpecFiles {
    private SpecFiles() {}

    /** The same with the files of uploads in place of their digests. */
    public static JsonObject withPaths(JsonObject spec, Uploads uploads) {
        return changed(spec, (field, digest) -> uploads.file(digest, field).toString());
    }

    /** The same with digests in place of files. */
    public static JsonObject withoutPaths(JsonObject spec) {
        return changed(spec, (field, path) -> {
            String name = String.valueOf(Path.of(path).getFileName());
            int dot = name.indexOf('.');
            return dot < 0 ? name : name.substring(0, dot);
        });
    }

    private static JsonObject changed(JsonObject spec, BinaryOperator<String> change) {
        JsonObject copy = spec.deepCopy();
        section(copy, "source").ifPresent(source -> {
            change(source, "source.image", change);
            section(source, "mask").ifPresent(mask -> change(mask, "source.mask.image", change));
        });
        if (copy.has("controls") && copy.get("controls").isJsonArray()) {
            List<JsonElement> controls =
                    new ArrayList<>(copy.getAsJsonArray("controls").asList());
            controls.stream()
                    .filter(JsonElement::isJsonObject)
                    .forEach(control -> change(control.getAsJsonObject(), "controls.image", change));
        }
        if (copy.has("references") && copy.get("references").isJsonArray()) {
            JsonArray references = copy.getAsJsonArray("references");
            for (int i = 0; i < references.size(); i++) {
                JsonElement name = references.get(i);
                if (name.isJsonPrimitive() && name.getAsJsonPrimitive().isString()) {
                    references.set(i, new JsonPrimitive(change.apply("references", name.getAsString())));
                }
            }
        }
        return copy;
    }

    private static Optional<JsonObject> section(JsonObject json, String key) {
        return Optional.ofNullable(json.get(key))
                .filter(JsonElement::isJsonObject)
                .map(JsonElement::getAsJsonObject);
    }

    private static void change(JsonObject json, String field, BinaryOperator<String> change) {
        JsonElement image = json.get("image");
        if (image != null
                && image.isJsonPrimitive()
                && image.getAsJsonPrimitive().isString()) {
            json.add("image", new JsonPrimitive(change.apply(field, image.getAsString())));
        }
    }
}
