package io.latent4j.server.openai;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.javalin.http.Context;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.JobSettings;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A form with images. Which fields are images is known by their names, as some clients send no names of files. Clients write an
 * object in a form in two ways: as JSON, and as {@code latent4j[steps]}, one field for each of its keys.
 */
final class FormBody {
    private static final Pattern IMAGES = Pattern.compile("(image|mask)(\\[[0-9]*])?");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,19})([.][0-9]{1,19})?");
    private static final String OURS = JobSettings.NAME + "[";
    private static final int MOST_LETTERS = 1 << 20;

    private final JsonObject fields = new JsonObject();
    private final Map<String, List<byte[]>> images = new HashMap<>();

    private FormBody() {}

    /** @throws ApiException if the request is no form */
    static FormBody of(Context context) {
        if (!context.isMultipartFormData()) {
            throw new ApiException(
                    415, "wrong_type", "the body is no form; expected multipart/form-data with an image in it");
        }
        context.uploadedFileMap(); // reads the form within the server's limits
        FormBody form = new FormBody();
        try {
            for (Part part : context.req().getParts()) {
                form.add(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a form cannot be read", e);
        } catch (ServletException e) {
            throw ApiException.invalid("the form cannot be read: " + e.getMessage());
        }
        return form;
    }

    private void add(Part part) throws IOException {
        String key = part.getName();
        try (InputStream in = part.getInputStream()) {
            if (IMAGES.matcher(key).matches()) {
                images.computeIfAbsent(key.replaceAll("\\[.*", ""), name -> new ArrayList<>())
                        .add(in.readAllBytes());
                return;
            }
            if (part.getSize() > MOST_LETTERS) {
                throw ApiException.invalid(
                        key, key + " has " + part.getSize() + " bytes; expected at most " + MOST_LETTERS);
            }
            String value = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (key.startsWith(OURS) && key.endsWith("]")) {
                String inner = key.substring(OURS.length(), key.length() - 1);
                put(JobSettings.section(fields, JobSettings.NAME), List.of(inner.split("]\\[", -1)), value);
            } else {
                fields.addProperty(key, value);
            }
        }
    }

    private static void put(JsonObject json, List<String> keys, String value) {
        String key = keys.get(0);
        if (keys.size() == 1) {
            json.add(key, scalar(value));
        } else {
            put(JobSettings.section(json, key), keys.subList(1, keys.size()), value);
        }
    }

    /** Forms have no types: a number or truth value is one, everything else is text. */
    private static JsonPrimitive scalar(String value) {
        if (value.equals("true") || value.equals("false")) {
            return new JsonPrimitive(Boolean.valueOf(value));
        }
        if (NUMBER.matcher(value).matches()) {
            try {
                return JsonParser.parseString(value).getAsJsonPrimitive();
            } catch (JsonParseException e) {
                return new JsonPrimitive(value);
            }
        }
        return new JsonPrimitive(value);
    }

    /** What is no image. */
    JsonObject fields() {
        return fields;
    }

    /** The bytes of the images of this field. */
    List<byte[]> images(String key) {
        return images.getOrDefault(key, List.of());
    }
}
