package io.latent4j.server.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.StringReader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request's body as JSON. */
public final class Body {
    private static final Pattern PLACE = Pattern.compile("line ([0-9]{1,9}) column ([0-9]{1,9})");

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
            throw new ApiException(
                    400, "invalid_json", "the body is no JSON" + place(e.getMessage()) + "; expected {...}");
        }
        throw new ApiException(400, "invalid_json", "the body is no JSON object; expected {...}");
    }

    /** Where the parser stopped; the rest of what it says is for who wrote it into a program. */
    private static String place(String message) {
        Matcher place = PLACE.matcher(String.valueOf(message));
        return place.find() ? ", at line " + place.group(1) + ", column " + place.group(2) : "";
    }
}
