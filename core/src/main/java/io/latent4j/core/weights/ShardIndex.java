package io.latent4j.core.weights;

import com.google.common.collect.ImmutableMap;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.config.TextFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The index of a checkpoint in several files.
 *
 * @param weightMap the shard's file name for every tensor, in the index's order
 */
record ShardIndex(ImmutableMap<String, String> weightMap) {

    private static final int MAX_BYTES = 32 << 20;
    private static final int MAX_TENSORS = 200_000;
    private static final int MAX_SHARDS = 1_000;

    /** One name in the index's own folder: no separator of any system, no drive, not hidden, not {@code ..}. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[^./\\\\:\\p{Cc}][^/\\\\:\\p{Cc}]*\\.(safetensors|bin)");

    static ShardIndex read(Path path) throws IOException {
        String text = TextFile.read(path, MAX_BYTES, "the index of a checkpoint");
        try (JsonReader json = new JsonReader(new StringReader(text))) {
            return new ShardIndex(ImmutableMap.copyOf(weightMap(path, json)));
        } catch (Refused e) {
            throw e;
        } catch (IOException e) {
            throw bad(path, "is not JSON", "an object with a weight_map", e);
        }
    }

    private static Map<String, String> weightMap(Path path, JsonReader json) throws IOException {
        Map<String, String> weightMap = null;
        expect(path, json, JsonToken.BEGIN_OBJECT, "the index", "an object with a weight_map");
        json.beginObject();
        while (json.hasNext()) {
            if (!json.nextName().equals("weight_map")) {
                json.skipValue();
            } else if (weightMap != null) {
                throw bad(path, "has a weight_map twice", "one", null);
            } else {
                weightMap = shardNames(path, json);
            }
        }
        json.endObject();
        expect(path, json, JsonToken.END_DOCUMENT, "what follows the object", "nothing");
        if (weightMap == null) {
            throw bad(path, "has no weight_map", "one", null);
        }
        return weightMap;
    }

    private static Map<String, String> shardNames(Path path, JsonReader json) throws IOException {
        Map<String, String> names = new LinkedHashMap<>();
        Map<String, String> shards = new HashMap<>();
        expect(path, json, JsonToken.BEGIN_OBJECT, "weight_map", "an object from tensor names to file names");
        json.beginObject();
        while (json.hasNext()) {
            String tensor = json.nextName();
            String quoted = '"' + Shown.text(tensor) + '"';
            expect(path, json, JsonToken.STRING, "weight_map " + quoted, "a file name");
            String shard = shards.computeIfAbsent(json.nextString(), name -> name); // one copy of each
            if (names.size() == MAX_TENSORS || shards.size() > MAX_SHARDS) {
                throw bad(
                        path,
                        "weight_map has more than " + Counted.of(names.size(), "tensor") + " in "
                                + Counted.of(shards.size(), "file"),
                        "at most " + MAX_TENSORS + " in " + MAX_SHARDS,
                        null);
            }
            if (!PLAIN_NAME.matcher(shard).matches()) {
                throw bad(
                        path,
                        "weight_map " + quoted + " is \"" + Shown.text(shard) + "\"",
                        "the plain name of a .safetensors or .bin file in the same folder",
                        null);
            }
            if (names.put(tensor, shard) != null) {
                throw bad(path, "weight_map has " + quoted + " twice", "every tensor once", null);
            }
        }
        json.endObject();
        return names;
    }

    private static void expect(Path path, JsonReader json, JsonToken token, String what, String expected)
            throws IOException {
        if (json.peek() != token) {
            throw bad(path, what + " is " + json.peek(), expected, null);
        }
    }

    private static IOException bad(Path path, String what, String expected, IOException cause) {
        return new Refused(path + ": " + what + "; expected " + expected + "; fetch or write the index again", cause);
    }

    /** A message that is complete, unlike the JSON reader's own. */
    private static final class Refused extends IOException {

        Refused(String message, IOException cause) {
            super(message, cause);
        }
    }
}
