package io.latent4j.textencoder.qwen;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Shown;
import io.latent4j.core.config.TextFile;
import io.latent4j.textencoder.BytePairs;
import io.latent4j.textencoder.TokenizerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the folder of a Qwen tokenizer says, checked, with the tokenizer itself in the tokenizers library's own JSON. How a
 * text is cut is known, and what a file says of it must not reach the library, which ends the process over some of it.
 *
 * @param vocabularySize one more than the largest id
 * @param pad the id that fills texts up
 */
record QwenFiles(JsonObject tokenizerJson, long vocabularySize, int maxLength, long pad) {
    static final int LONGEST = 1 << 16;

    private static final int LENGTH = 512; // the model itself reads much longer texts
    private static final int LARGEST = 64 << 20; // bytes of tokenizer.json; Qwen3's has 11 million
    private static final int MOST_ADDED = 10_000; // each is looked for in every text
    private static final String PAD = "<|endoftext|>";

    /** Contractions; a word with one sign before it; a digit; signs with one space before them; line ends; spaces. */
    private static final String PIECES = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    static QwenFiles read(Path folder, OptionalInt length, Optional<String> padding) throws IOException {
        Path whole = folder.resolve("tokenizer.json");
        Path vocab = folder.resolve("vocab.json");
        if (!Files.exists(whole) && !Files.exists(vocab)) {
            throw new IOException(
                    folder + " holds no tokenizer; expected tokenizer.json, or vocab.json and merges.txt");
        }
        TokenizerSettings settings = TokenizerSettings.read(folder);
        int maxLength = length.isPresent() ? length.getAsInt() : Math.min(LENGTH, settings.maxLength(1, LENGTH));
        String pad = padding.isPresent()
                ? padding.get()
                : settings.token("pad_token").orElse(PAD);
        return Files.exists(whole)
                ? whole(whole, settings, maxLength, pad)
                : assemble(vocab, folder.resolve("merges.txt"), settings, maxLength, pad);
    }

    private static QwenFiles assemble(
            Path vocabFile, Path mergesFile, TokenizerSettings settings, int maxLength, String pad) throws IOException {
        JsonObject vocab = json(vocabFile);
        BytePairs.checkIds(vocabFile, vocab);
        return of(vocabFile, vocab, BytePairs.merges(mergesFile, vocab), settings.added(), maxLength, pad);
    }

    private static QwenFiles whole(Path file, TokenizerSettings settings, int maxLength, String pad)
            throws IOException {
        JsonObject json = json(file);
        if (!(json.get("model") instanceof JsonObject model) || !(model.get("vocab") instanceof JsonObject vocab)) {
            throw new IOException(file + ": model.vocab is missing or not an object");
        }
        BytePairs.check(file, "model.type", model.get("type"), "BPE");
        BytePairs.check(file, "model.end_of_word_suffix", model.get("end_of_word_suffix"), "");
        checkPatterns(file, json.get("pre_tokenizer"));
        BytePairs.checkIds(file, vocab);
        Map<String, JsonElement> added = new LinkedHashMap<>(BytePairs.addedTokens(file, json));
        added.putAll(settings.added());
        return of(file, vocab, BytePairs.merges(file, model.get("merges"), vocab), added, maxLength, pad);
    }

    private static JsonObject json(Path file) throws IOException {
        String text = TextFile.read(file, LARGEST, "a tokenizer in JSON");
        return Config.parseJson(file.toString(), text).json();
    }

    /** Refuses a text that would have to be cut in another way. */
    private static void checkPatterns(Path file, JsonElement step) throws IOException {
        if (step instanceof JsonObject object) {
            for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
                boolean pattern = entry.getKey().equals("Regex");
                if (pattern && !new JsonPrimitive(PIECES).equals(entry.getValue())) {
                    throw new IOException(file + ": pre_tokenizer has the pattern "
                            + Shown.text(entry.getValue().toString())
                            + "; expected Qwen's: this is another kind of tokenizer");
                }
                checkPatterns(file, entry.getValue());
            }
        } else if (step instanceof JsonArray steps) {
            for (JsonElement each : steps) {
                checkPatterns(file, each);
            }
        }
    }

    private static QwenFiles of(
            Path file, JsonObject vocab, JsonArray merges, Map<String, JsonElement> added, int maxLength, String pad)
            throws IOException {
        if (added.size() > MOST_ADDED) {
            throw new IOException(
                    file + ": " + added.size() + " tokens are added to it; expected at most " + MOST_ADDED);
        }
        // The library would count on from the vocabulary's size for a token that it does not have.
        added.keySet().stream().filter(token -> !vocab.has(token)).forEach(token -> vocab.add(token, added.get(token)));
        long size = BytePairs.checkIds(file, vocab);
        JsonArray whole = new JsonArray();
        for (String token : added.keySet()) {
            if (token.isEmpty()) {
                throw new IOException(file + ": an empty token is added to it; expected one letter at least");
            }
            whole.add(BytePairs.wholeToken(token, vocab.get(token), true, false));
        }
        JsonElement padding = vocab.get(pad);
        if (padding == null) {
            throw new IOException(file + ": has no entry \"" + Shown.text(pad) + "\", which is the pad_token");
        }
        JsonObject json = new JsonObject();
        json.addProperty("version", "1.0");
        json.add("added_tokens", whole);
        json.add("normalizer", BytePairs.typed("NFC"));
        json.add("pre_tokenizer", preTokenizer());
        json.add("model", BytePairs.model(vocab, merges, JsonNull.INSTANCE, ""));
        return new QwenFiles(json, size, maxLength, padding.getAsLong());
    }

    private static JsonObject preTokenizer() {
        JsonObject split = BytePairs.typed("Split");
        split.add("pattern", BytePairs.regex(PIECES));
        split.addProperty("behavior", "Isolated");
        split.addProperty("invert", false);
        JsonObject bytes = BytePairs.typed("ByteLevel");
        bytes.addProperty("add_prefix_space", false);
        bytes.addProperty("trim_offsets", false);
        bytes.addProperty("use_regex", false);
        return BytePairs.sequence("pretokenizers", split, bytes);
    }
}
