package io.latent4j.server.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.javalin.http.Context;
import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.io.StringReader;

/** A request's body as JSON. */
public final class Body {
    private Body() {}

    /**
     * The body as a JSON object.
     *
     * @throws ApiException if it is none
     */
    public static JsonObject object(Context context) {
        return object(context.body());
    }

    /** Text as a JSON object. */
    public static JsonObject object(String text) {
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            JsonElement json = JsonParser.parseReader(reader);
            if (json.isJsonObject() && reader.peek() == JsonToken.END_DOCUMENT) {
                return json.getAsJsonObject();
            }
        } catch (JsonParseException | IllegalStateException | IOException e) {
            String reason = String.valueOf(e.getMessage()).replaceFirst("^[a-zA-Z0-9_.$]+(Exception|Error): ", "");
            throw new ApiException(400, "invalid_json", "the body is no JSON: " + Shown.sentence(reason));
        }
        throw new ApiException(400, "invalid_json", "the body is no JSON object; expected {...}");
    }
}
