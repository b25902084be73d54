package io.latent4j.textencoder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a tokenizer folder says, checked, with the tokenizer itself in the tokenizers library's own JSON.
 *
 * @param tokenizerJson what {@code tokenizer.json} holds, or would hold
 * @param vocabularySize one more than the largest id
 */
record TokenizerFiles(JsonObject tokenizerJson, long vocabularySize, int maxLength, long bos, long eos, long pad) {
    private static final String BOS = "<|startoftext|>";
    private static final String EOS = "<|endoftext|>";
    private static final int CLIP_LENGTH = 77;
    private static final int MOST_ADDED = 10_000; // each is looked for in every text
    private static final String END_OF_WORD = "</w>";
    private static final String SPACES_PATTERN = "\\s+";

    /** White space goes; each contraction, word, digit and run of other characters is a piece of its own. */
    private static final String PIECES = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

    static TokenizerFiles read(Path folder) throws IOException {
        return read(folder, Optional.empty());
    }

    /** @param padding what fills texts up, where that is not for the folder to say */
    static TokenizerFiles read(Path folder, Optional<String> padding) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + " is not a folder; expected one with vocab.json and merges.txt");
        }
        Path vocabFile = folder.resolve("vocab.json");
        Path mergesFile = folder.resolve("merges.txt");
        Path wholeFile = folder.resolve("tokenizer.json");
        Settings settings = Settings.read(folder, padding);
        boolean split = Files.exists(vocabFile) || Files.exists(mergesFile);
        if (!split && !Files.exists(wholeFile)) {
            throw new IOException(
                    folder + " holds no tokenizer; expected vocab.json and merges.txt, or tokenizer.json");
        }
        return split ? assemble(vocabFile, mergesFile, settings) : whole(wholeFile, settings);
    }

    private static TokenizerFiles assemble(Path vocabFile, Path mergesFile, Settings settings) throws IOException {
        JsonObject vocab = Config.read(vocabFile).json();
        return of(vocabFile, vocab, settings.added, all -> BytePairs.merges(mergesFile, all), settings);
    }

    /**
     * Of the one file the vocabulary, the merges and the added tokens are taken. How a text is cut is known, and what the
     * file says of it must not reach the tokenizer's library, which ends the process over some of it.
     */
    private static TokenizerFiles whole(Path file, Settings settings) throws IOException {
        JsonObject json = Config.read(file).json();
        if (!(json.get("model") instanceof JsonObject model)
                || !(model.get("vocab") instanceof JsonObject modelVocab)) {
            throw new IOException(file + ": model.vocab is missing or not an object");
        }
        checkIsClip(file, json, model);
        Map<String, JsonElement> added = BytePairs.addedTokens(file, json);
        added.putAll(settings.added);
        JsonElement merges = model.get("merges");
        return of(file, modelVocab.deepCopy(), added, all -> BytePairs.merges(file, merges, all), settings);
    }

    /** Refuses what would have to be tokenized in another way. */
    private static void checkIsClip(Path file, JsonObject json, JsonObject model) throws IOException {
        BytePairs.check(file, "model.type", model.get("type"), "BPE");
        BytePairs.check(file, "model.end_of_word_suffix", model.get("end_of_word_suffix"), END_OF_WORD);
        for (String part : List.of("normalizer", "pre_tokenizer")) {
            List<JsonElement> patterns = new ArrayList<>();
            collect("Regex", json.get(part), patterns);
            for (JsonElement pattern : patterns) {
                if (!SPACES_PATTERN.equals(BytePairs.text(pattern)) && !PIECES.equals(BytePairs.text(pattern))) {
                    throw new IOException(file + ": " + part + " has the pattern " + Shown.text(pattern.toString())
                            + "; expected CLIP's, \"" + PIECES + "\": this is another kind of tokenizer");
                }
            }
        }
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

    private interface Merges {
        JsonArray of(JsonObject vocab) throws IOException;
    }

    /** {@code file} has {@code vocab}, to which {@code added} tokens are added. */
    private static TokenizerFiles of(
            Path file, JsonObject vocab, Map<String, JsonElement> added, Merges merges, Settings settings)
            throws IOException {
        List<String> news =
                added.keySet().stream().filter(token -> !vocab.has(token)).toList();
        if (news.size() > MOST_ADDED) {
            throw new IOException(
                    file + ": " + news.size() + " tokens are added to it; expected at most " + MOST_ADDED);
        }
        news.forEach(token -> vocab.add(token, added.get(token)));
        long size = BytePairs.checkIds(file, vocab);
        JsonObject json = new JsonObject();
        json.addProperty("version", "1.0");
        json.add("added_tokens", wholeTokens(file, vocab, settings, news));
        json.add("normalizer", normalizer());
        json.add("pre_tokenizer", preTokenizer());
        json.add("model", BytePairs.model(vocab, merges.of(vocab), new JsonPrimitive(settings.eos), END_OF_WORD));
        return new TokenizerFiles(
                json,
                size,
                settings.maxLength,
                id(file, vocab, "bos_token", settings.bos).getAsLong(),
                id(file, vocab, "eos_token", settings.eos).getAsLong(),
                id(file, vocab, "pad_token", settings.pad).getAsLong());
    }

    private static JsonElement id(Path file, JsonObject vocab, String role, String token) throws IOException {
        if (!vocab.has(token)) {
            throw new IOException(file + ": has no entry \"" + Shown.text(token) + "\", which is the " + role);
        }
        return vocab.get(token);
    }

    /**
     * What stands for itself wherever it occurs in a text: begin, end, and what was added to the vocabulary. A padding
     * token such as "!" is an ordinary one in a text.
     */
    private static JsonArray wholeTokens(Path file, JsonObject vocab, Settings settings, List<String> added)
            throws IOException {
        JsonArray tokens = new JsonArray();
        tokens.add(BytePairs.wholeToken(settings.bos, id(file, vocab, "bos_token", settings.bos), true, true));
        tokens.add(BytePairs.wholeToken(settings.eos, id(file, vocab, "eos_token", settings.eos), true, true));
        added.forEach(token -> tokens.add(BytePairs.wholeToken(token, vocab.get(token), false, true)));
        return tokens;
    }

    private static JsonObject normalizer() {
        JsonObject replace = BytePairs.typed("Replace");
        replace.add("pattern", BytePairs.regex(SPACES_PATTERN));
        replace.addProperty("content", " ");
        return BytePairs.sequence("normalizers", BytePairs.typed("NFC"), replace, BytePairs.typed("Lowercase"));
    }

    private static JsonObject preTokenizer() {
        JsonObject split = BytePairs.typed("Split");
        split.add("pattern", BytePairs.regex(PIECES));
        split.addProperty("behavior", "Removed");
        split.addProperty("invert", true);
        JsonObject bytes = BytePairs.typed("ByteLevel");
        bytes.addProperty("add_prefix_space", false);
        bytes.addProperty("trim_offsets", true);
        bytes.addProperty("use_regex", false);
        return BytePairs.sequence("pretokenizers", split, bytes);
    }

    /** What CLIP makes of the small files beside the vocabulary. */
    private record Settings(String bos, String eos, String pad, int maxLength, Map<String, JsonElement> added) {

        static Settings read(Path folder, Optional<String> padding) throws IOException {
            TokenizerSettings settings = TokenizerSettings.read(folder);
            String eos = settings.token("eos_token").orElse(EOS);
            return new Settings(
                    settings.token("bos_token").orElse(BOS),
                    eos,
                    padding.isPresent()
                            ? padding.get()
                            : settings.token("pad_token").orElse(eos),
                    settings.maxLength(3, CLIP_LENGTH),
                    settings.added());
        }
    }
}
