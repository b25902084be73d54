package io.latent4j.textencoder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.config.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What tokenizers by byte-pair encoding (<a href="https://arxiv.org/abs/1508.07909">Sennrich et al. 2016</a>) have in common:
 * their files, checked, and the tokenizers library's own JSON.
 */
public final class BytePairs {
    private static final int LARGEST_MERGES = 8 << 20; // bytes; CLIP's has half a million
    private static final int MOST_MERGES = 1_000_000; // CLIP has 48,894, Qwen 151,387

    private BytePairs() {}

    /**
     * The tokens that a {@code tokenizer.json} adds to its vocabulary, with their ids.
     *
     * @throws IOException if an entry has no content or no id
     */
    public static Map<String, JsonElement> addedTokens(Path file, JsonObject json) throws IOException {
        Map<String, JsonElement> added = new LinkedHashMap<>();
        if (json.get("added_tokens") instanceof JsonArray tokens) {
            for (JsonElement token : tokens) {
                if (!(token instanceof JsonObject entry)
                        || !(entry.get("content") instanceof JsonPrimitive content)
                        || !entry.has("id")) {
                    throw new IOException(file + ": added_tokens has an entry without content or id: "
                            + Shown.text(token.toString()));
                }
                added.put(content.getAsString(), entry.get("id"));
            }
        }
        return added;
    }

    /**
     * Refuses another value of {@code key} than {@code expected}; it may be absent.
     *
     * @throws IOException naming the key and what is there
     */
    public static void check(Path file, String key, JsonElement found, String expected) throws IOException {
        boolean left = found == null || found.isJsonNull();
        if (!left && !expected.equals(text(found))) {
            throw new IOException(file + ": " + key + " is " + Shown.text(found.toString()) + "; expected \"" + expected
                    + "\": this is another kind of tokenizer");
        }
    }

    static String text(JsonElement element) {
        return element.isJsonPrimitive() ? element.getAsString() : "";
    }

    /**
     * One more than the largest id of a vocabulary.
     *
     * @throws IOException if an id is no whole number from 0
     */
    public static long checkIds(Path file, JsonObject vocab) throws IOException {
        long largest = -1;
        for (Map.Entry<String, JsonElement> entry : vocab.entrySet()) {
            Optional<Long> id = wholeNumber(entry.getValue()).filter(n -> n >= 0 && n < Integer.MAX_VALUE);
            if (id.isEmpty()) {
                throw new IOException(file + ": the id of \"" + Shown.text(entry.getKey()) + "\" is "
                        + Shown.text(entry.getValue().toString())
                        + "; expected a whole number from 0");
            }
            largest = Math.max(largest, id.get());
        }
        return largest + 1;
    }

    private static Optional<Long> wholeNumber(JsonElement element) {
        try {
            return Optional.of(element.getAsBigDecimal().longValueExact());
        } catch (RuntimeException notWhole) { // which of many kinds depends on what stands there instead
            return Optional.empty();
        }
    }

    /**
     * The pairs to merge, the most frequent first; the file's first line may name its version.
     *
     * @throws IOException naming the line with a token that {@code vocab} does not have
     */
    public static JsonArray merges(Path file, JsonObject vocab) throws IOException {
        JsonArray merges = new JsonArray();
        int number = 0;
        for (String line : TextFile.read(file, LARGEST_MERGES, "the pairs of a tokenizer")
                .lines()
                .toList()) {
            number++;
            if (!line.isBlank() && !line.startsWith("#version")) {
                if (merges.size() == MOST_MERGES) {
                    throw new IOException(file + ": has more than " + MOST_MERGES + " pairs; expected fewer");
                }
                merges.add(merge(file + " line " + number, line.strip(), vocab));
            }
        }
        return merges;
    }

    /**
     * The pairs of the one file: each a list of two tokens, or both in one text.
     *
     * @throws IOException naming the pair with a token that {@code vocab} does not have
     */
    public static JsonArray merges(Path file, JsonElement pairs, JsonObject vocab) throws IOException {
        if (!(pairs instanceof JsonArray all)) {
            throw new IOException(file + ": model.merges is " + (pairs == null ? "missing" : "no list")
                    + "; expected a list of pairs of tokens");
        }
        JsonArray merges = new JsonArray();
        for (int i = 0; i < all.size(); i++) {
            String place = file + ": model.merges[" + i + "]";
            JsonElement pair = all.get(i);
            if (pair instanceof JsonArray two && two.size() == 2) {
                merges.add(merge(place, new String[] {text(two.get(0)), text(two.get(1))}, vocab));
            } else {
                merges.add(merge(place, text(pair), vocab));
            }
        }
        return merges;
    }

    private static JsonArray merge(String place, String line, JsonObject vocab) throws IOException {
        String[] pair = line.split(" ", -1);
        if (pair.length != 2) {
            throw new IOException(place + " has "
                    + (pair.length == 1 ? "no space" : Counted.of(pair.length - 1, "space"))
                    + "; expected two tokens with one space between them"); // and not its text: it may be any file's
        }
        return merge(place, pair, vocab);
    }

    private static JsonArray merge(String place, String[] pair, JsonObject vocab) throws IOException {
        JsonArray merge = new JsonArray();
        for (String token : new String[] {pair[0], pair[1], pair[0] + pair[1]}) {
            if (!vocab.has(token)) {
                throw new IOException(
                        place + " needs the token \"" + Shown.text(token) + "\", which the vocabulary does not have");
            }
        }
        merge.add(pair[0]);
        merge.add(pair[1]);
        return merge;
    }

    /** The model of the library's JSON. */
    public static JsonObject model(JsonObject vocab, JsonArray merges, JsonElement unknown, String endOfWord) {
        JsonObject model = typed("BPE");
        model.add("dropout", JsonNull.INSTANCE);
        model.add("unk_token", unknown);
        model.addProperty("continuing_subword_prefix", "");
        model.addProperty("end_of_word_suffix", endOfWord);
        model.addProperty("fuse_unk", false);
        model.add("vocab", vocab);
        model.add("merges", merges);
        return model;
    }

    /** An added token of the library's JSON, found wherever it stands; {@code normalized}: in the text as it is normalized. */
    public static JsonObject wholeToken(String content, JsonElement id, boolean special, boolean normalized) {
        JsonObject token = new JsonObject();
        token.add("id", id);
        token.addProperty("content", content);
        token.addProperty("single_word", false);
        token.addProperty("lstrip", false);
        token.addProperty("rstrip", false);
        token.addProperty("normalized", normalized);
        token.addProperty("special", special);
        return token;
    }

    /** Steps of the library's JSON, one after the other. */
    public static JsonObject sequence(String name, JsonObject... members) {
        JsonArray list = new JsonArray();
        for (JsonObject member : members) {
            list.add(member);
        }
        JsonObject sequence = typed("Sequence");
        sequence.add(name, list);
        return sequence;
    }

    /** A pattern of the library's JSON. */
    public static JsonObject regex(String pattern) {
        JsonObject regex = new JsonObject();
        regex.addProperty("Regex", pattern);
        return regex;
    }

    /** A step of the library's JSON. */
    public static JsonObject typed(String type) {
        JsonObject object = new JsonObject();
        object.addProperty("type", type);
        return object;
    }
}
