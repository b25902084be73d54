package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;

/** A body whose fields have wrong types: status 422, with one entry for each field, as FastAPI has it. */
final class WrongFieldsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient JsonArray detail;

    /** @param detail an entry a field */
    WrongFieldsException(List<JsonObject> detail) {
        super("the body has fields of wrong types: " + detail);
        this.detail = new JsonArray();
        detail.forEach(this.detail::add);
    }

    /** The answer's body. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        json.add("detail", detail);
        return json;
    }

    /** What is wrong with one field. */
    static JsonObject entry(List<JsonElement> place, String message, String type) {
        JsonObject entry = new JsonObject();
        JsonArray loc = new JsonArray();
        loc.add("body");
        place.forEach(loc::add);
        entry.add("loc", loc);
        entry.addProperty("msg", message);
        entry.addProperty("type", type);
        return entry;
    }
}
