package io.latent4j.server.openai;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.JobSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A form with files as fields and images. Clients write an object in a form in two ways: as JSON, and as {@code
 * latent4j[steps]}, one field for each of its keys.
 */
record FormBody(JsonObject fields, Map<String, List<UploadedFile>> files) {

    /** @throws ApiException if the request is no form */
    static FormBody of(Context context) {
        if (!context.isMultipartFormData()) {
            throw new ApiException(
                    415, "wrong_type", "the body is no form; expected multipart/form-data with an image in it");
        }
        JsonObject fields = new JsonObject();
        JsonObject extension = new JsonObject();
        String prefix = JobSettings.NAME + "[";
        context.formParamMap().forEach((key, values) -> {
            if (values.isEmpty()) {
                return; // a file
            }
            String value = values.get(values.size() - 1);
            if (key.startsWith(prefix) && key.endsWith("]")) {
                String inner = key.substring(prefix.length(), key.length() - 1);
                put(extension, List.of(inner.split("]\\[", -1)), value);
            } else {
                fields.addProperty(key, value);
            }
        });
        if (!extension.isEmpty()) {
            fields.add(JobSettings.NAME, extension);
        }
        return new FormBody(fields, context.uploadedFileMap());
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
        if (value.matches("-?(0|[1-9][0-9]{0,19})([.][0-9]{1,19})?")) {
            try {
                return JsonParser.parseString(value).getAsJsonPrimitive();
            } catch (JsonParseException e) {
                return new JsonPrimitive(value);
            }
        }
        return new JsonPrimitive(value);
    }

    /** The bytes of the files of these fields. */
    List<byte[]> bytes(String... keys) {
        List<byte[]> found = new ArrayList<>();
        for (String key : keys) {
            for (UploadedFile file : files.getOrDefault(key, List.of())) {
                try (InputStream in = file.content()) {
                    found.add(in.readAllBytes());
                } catch (IOException e) {
                    throw new UncheckedIOException("a file in " + key + " cannot be read", e);
                }
            }
        }
        return found;
    }
}
