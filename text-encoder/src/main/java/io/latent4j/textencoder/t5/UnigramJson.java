package io.latent4j.textencoder.t5;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * A unigram model in a {@code tokenizer.json}. How it normalizes and cuts text is known, and comes in two forms, which give
 * the same ids as the model's own file: white space is normalized by patterns, or text is cut at white space first.
 */
final class UnigramJson {
    private static final Set<String> NORMALIZERS = Set.of("Sequence", "Precompiled", "Strip", "Replace");
    private static final Set<String> CUTS = Set.of("Sequence", "WhitespaceSplit", "Metaspace");
    private static final Set<String> PATTERNS = Set.of(" {2,}");

    private UnigramJson() {}

    /**
     * Reads the model.
     *
     * @param special pieces that are found before anything else is, and not by the model
     * @throws IOException naming the file and the key, if something is missing or the tokenizer is of another kind than T5's
     */
    static UnigramFile read(Path file, JsonObject json, Set<String> special) throws IOException {
        if (!(json.get("model") instanceof JsonObject model)
                || !"Unigram".equals(text(model.get("type")))
                || !(model.get("vocab") instanceof JsonArray vocab)) {
            throw new IOException(
                    file + ": model is not of the type Unigram with a list vocab; expected T5's tokenizer");
        }
        if (model.get("byte_fallback") instanceof JsonPrimitive fallback && fallback.getAsBoolean()) {
            throw new IOException(file + ": model.byte_fallback is true; only false is supported");
        }
        checkTypes(file, "normalizer", json.get("normalizer"), NORMALIZERS);
        checkTypes(file, "pre_tokenizer", json.get("pre_tokenizer"), CUTS);
        UnigramFile.Builder pieces = new UnigramFile.Builder(file);
        for (int i = 0; i < vocab.size(); i++) {
            if (!(vocab.get(i) instanceof JsonArray entry)
                    || entry.size() != 2
                    || !(entry.get(0) instanceof JsonPrimitive piece)
                    || !(entry.get(1) instanceof JsonPrimitive score)
                    || !score.isNumber()) {
                throw new IOException(file + ": model.vocab[" + i + "] is "
                        + Shown.text(vocab.get(i).toString()) + "; expected a piece and its score");
            }
            String name = piece.getAsString();
            pieces.add(name, (float) score.getAsDouble(), !special.contains(name));
        }
        return pieces.done(unknown(file, model.get("unk_id")), charsmap(file, json.get("normalizer")));
    }

    private static int unknown(Path file, JsonElement id) throws IOException {
        if (id instanceof JsonPrimitive number
                && number.isNumber()
                && number.getAsDouble() == Math.rint(number.getAsDouble())
                && Math.abs(number.getAsDouble()) < Integer.MAX_VALUE) {
            return (int) number.getAsDouble();
        }
        throw new IOException(file + ": model.unk_id is " + (id == null ? "missing" : Shown.text(id.toString()))
                + "; expected the id of the unknown piece");
    }

    private static Charsmap charsmap(Path file, JsonElement normalizer) throws IOException {
        List<JsonElement> found = new ArrayList<>();
        collect("precompiled_charsmap", normalizer, found);
        if (found.size() > 1) {
            throw new IOException(file + ": normalizer has more than one precompiled_charsmap; expected one");
        }
        try {
            byte[] bytes = found.isEmpty() ? new byte[0] : Base64.getDecoder().decode(text(found.get(0)));
            return Charsmap.of(file + ": precompiled_charsmap", bytes);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new IOException(
                    message.startsWith(file.toString())
                            ? message
                            : file + ": precompiled_charsmap is not base64; fetch the file again",
                    e);
        }
    }

    /** Refuses what would have to be tokenized in another way. */
    private static void checkTypes(Path file, String part, JsonElement steps, Set<String> known) throws IOException {
        List<JsonElement> found = new ArrayList<>();
        collect("type", steps, found);
        for (JsonElement type : found) {
            if (!known.contains(text(type))) {
                throw refused(file, part, "the step " + Shown.text(type.toString()));
            }
        }
        List<JsonElement> patterns = new ArrayList<>();
        collect("Regex", steps, patterns);
        collect("String", steps, patterns);
        for (JsonElement pattern : patterns) {
            if (!PATTERNS.contains(text(pattern))) {
                throw refused(file, part, "the pattern " + Shown.text(pattern.toString()));
            }
        }
        List<JsonElement> prefixes = new ArrayList<>();
        collect("add_prefix_space", steps, prefixes);
        collect("prepend_scheme", steps, prefixes);
        for (JsonElement prefix : prefixes) {
            if (!Set.of("true", "always", "first").contains(text(prefix))) {
                throw refused(file, part, "no ▁ before a text, " + Shown.text(prefix.toString()));
            }
        }
    }

    private static IOException refused(Path file, String part, String what) {
        return new IOException(
                file + ": " + part + " has " + what + "; expected T5's: this is another kind of tokenizer");
    }

    private static String text(JsonElement element) {
        return element != null && element.isJsonPrimitive() ? element.getAsString() : "";
    }

    /** What stands at {@code key} in {@code element} and in what it holds, at any depth. */
    private static void collect(String key, JsonElement element, List<JsonElement> found) {
        if (element instanceof JsonObject object) {
            object.asMap().forEach((name, value) -> {
                if (name.equals(key)) {
                    found.add(value);
                }
                collect(key, value, found);
            });
        } else if (element instanceof JsonArray array) {
            array.forEach(value -> collect(key, value, found));
        }
    }
}
