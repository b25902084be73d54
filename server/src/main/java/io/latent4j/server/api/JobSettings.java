package io.latent4j.server.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;

/** The object {@code latent4j} of requests in the form of others: keys of the JSON form of jobs that their form has no field for. */
public final class JobSettings {
    /** What it is called. */
    public static final String NAME = "latent4j";

    private static final List<String> ELSEWHERE = List.of("model", "prompt", "count");

    private JobSettings() {}

    /**
     * The keys of a job, without those that the request itself has.
     *
     * @throws ApiException if one of them is there
     */
    public static JsonObject of(JsonObject given) {
        for (String key : ELSEWHERE) {
            if (given.has(key)) {
                throw ApiException.invalid(
                        NAME + "." + key,
                        key + " stands in " + NAME + "; expected it in the request's own field for it");
            }
        }
        JsonObject settings = given.deepCopy();
        JsonElement scale = settings.remove("guidance_scale");
        if (scale != null) {
            section(settings, "guidance").add("scale", scale);
        }
        return settings;
    }

    /** The object of this key, which is made if there is none. */
    public static JsonObject section(JsonObject json, String key) {
        JsonElement there = json.get(key);
        if (there == null) {
            there = new JsonObject();
            json.add(key, there);
        }
        if (!there.isJsonObject()) {
            throw ApiException.invalid(NAME + "." + key, key + " is no object; expected {...}");
        }
        return there.getAsJsonObject();
    }

    /** Adds a number that the request itself gives, unless it is there. */
    public static void addUnlessThere(JsonObject settings, String key, int value) {
        if (!settings.has(key)) {
            settings.addProperty(key, value);
        }
    }

    /**
     * Adds an image that was sent as what the job starts from.
     *
     * @param digest of the image
     * @throws ApiException if there is one already
     */
    public static void addSource(JsonObject settings, String digest) {
        addImage(section(settings, "source"), "source", digest);
    }

    /** The same of a mask, whose white part is repainted. */
    public static void addMask(JsonObject settings, String digest) {
        addImage(section(section(settings, "source"), "mask"), "source.mask", digest);
    }

    private static void addImage(JsonObject section, String name, String digest) {
        if (section.has("image")) {
            throw ApiException.invalid(
                    NAME + "." + name + ".image",
                    "there is an image in " + name + " beside the one that was sent; expected one of them");
        }
        section.addProperty("image", digest);
    }
}
