package io.latent4j.core.weights;

import com.google.common.collect.ImmutableMap;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The index of a checkpoint in several files.
 *
 * @param weightMap the shard's file name for every tensor, in the index's order
 */
record ShardIndex(ImmutableMap<String, String> weightMap) {

    private static final long MAX_BYTES = 100_000_000;

    /** One name in the index's own folder: no separator of any system, no drive, not hidden, not {@code ..}. */
    private static final Pattern PLAIN_NAME =
            Pattern.compile("[^./\\\\:\\p{Cntrl}][^/\\\\:\\p{Cntrl}]*\\.(safetensors|bin)");

    static ShardIndex read(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw bad(path, "does not exist", "the index of a checkpoint", null);
        }
        if (Files.size(path) > MAX_BYTES) {
            throw bad(path, "is " + Files.size(path) + " bytes long", "at most " + MAX_BYTES, null);
        }
        try (JsonReader json = new JsonReader(Files.newBufferedReader(path))) {
            json.setStrictness(Strictness.STRICT);
            return new ShardIndex(ImmutableMap.copyOf(weightMap(path, json)));
        } catch (Refused e) {
            throw e;
        } catch (IOException e) {
            throw bad(path, "is not JSON in UTF-8", "an object with a weight_map", e);
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
        expect(path, json, JsonToken.BEGIN_OBJECT, "weight_map", "an object from tensor names to file names");
        json.beginObject();
        while (json.hasNext()) {
            String tensor = json.nextName();
            expect(path, json, JsonToken.STRING, "weight_map \"" + tensor + "\"", "a file name");
            String shard = json.nextString();
            if (!PLAIN_NAME.matcher(shard).matches()) {
                throw bad(
                        path,
                        "weight_map \"" + tensor + "\" is \"" + shard + "\"",
                        "the plain name of a .safetensors or .bin file in the same folder",
                        null);
            }
            if (names.put(tensor, shard) != null) {
                throw bad(path, "weight_map has \"" + tensor + "\" twice", "every tensor once", null);
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
