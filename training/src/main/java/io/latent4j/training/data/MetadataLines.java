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
    private static final int MOST_LETTERS = 1 << 20; // of a line

    @Override
    public void read(ImageFolder.Listener listener) throws IOException {
        try (BufferedReader lines = TextFile.open(file, "a JSON object a line")) {
            int number = 0;
            for (Optional<String> line = line(lines, 1); line.isPresent(); line = line(lines, number + 1)) {
                number++;
                if (!line.get().isBlank()) {
                    read(line.get(), file + ", line " + number, listener);
                }
            }
        }
    }

    /** The next line without its end, a line feed or a carriage return and one; nothing at the end. */
    private Optional<String> line(BufferedReader in, int number) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = in.read();
        if (next < 0) {
            return Optional.empty();
        }
        for (; next >= 0 && next != '\n' && next != '\r'; next = in.read()) {
            if (line.length() == MOST_LETTERS) {
                throw new IOException(file + ", line " + number + ": has more than " + MOST_LETTERS
                        + " letters; expected a JSON object a line");
            }
            line.append((char) next);
        }
        if (next == '\r') {
            in.mark(1);
            if (in.read() != '\n') {
                in.reset();
            }
        }
        return Optional.of(line.toString());
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
