package io.latent4j.training.data;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Reads {@code metadata.jsonl}: a JSON object a line, with {@code file_name} and {@code text}. */
record MetadataLines(Path file) implements ImageFolder.Claims {

    @Override
    public void read(ImageFolder.Listener listener) throws IOException {
        try (BufferedReader lines = TextFile.open(file, "a JSON object a line")) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    read(line, file + ", line " + number, listener);
                }
            }
        }
    }

    private static void read(String line, String source, ImageFolder.Listener listener) throws IOException {
        Optional<JsonObject> object = object(line);
        Optional<String> fileName = object.flatMap(o -> string(o.get("file_name")));
        Optional<List<String>> captions = object.flatMap(o -> captions(o.get("text")));
        if (fileName.isPresent() && captions.isPresent()) {
            listener.claim(new ImageFolder.Claim(source, fileName.get(), captions.get()));
        } else {
            listener.fault(source + ": has no "
                    + (object.isEmpty() ? "JSON object" : fileName.isEmpty() ? "file_name" : "text")
                    + "; expected {\"file_name\": \"a.png\", \"text\": \"what it shows\"}");
        }
    }

    private static Optional<JsonObject> object(String line) {
        try {
            return JsonParser.parseString(line) instanceof JsonObject object ? Optional.of(object) : Optional.empty();
        } catch (JsonParseException | StackOverflowError e) { // nesting may be as deep as the line is long
            return Optional.empty();
        }
    }

    private static Optional<String> string(JsonElement value) {
        return value instanceof JsonPrimitive p && p.isString() ? Optional.of(p.getAsString()) : Optional.empty();
    }

    private static Optional<List<String>> captions(JsonElement value) {
        if (!(value instanceof JsonArray list)) {
            return string(value).map(List::of);
        }
        List<String> captions = StreamSupport.stream(list.spliterator(), false)
                .flatMap(each -> string(each).stream())
                .toList();
        return captions.size() == list.size() ? Optional.of(captions) : Optional.empty();
    }
}
