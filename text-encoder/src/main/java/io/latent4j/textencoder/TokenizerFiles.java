package io.latent4j.textencoder;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.config.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a tokenizer folder says, checked, with the tokenizer itself in the tokenizers library's own JSON.
 *
 * @param tokenizerJson what {@code tokenizer.json} holds, or would hold
 * @param vocabularySize one more than the largest id
 */
record TokenizerFiles(String tokenizerJson, long vocabularySize, int maxLength, long bos, long eos, long pad) {
    private static final String BOS = "<|startoftext|>";
    private static final String EOS = "<|endoftext|>";
    private static final int CLIP_LENGTH = 77;
    private static final int LONGEST = 1 << 16;
    private static final int LARGEST_MERGES = 8 << 20; // bytes; CLIP's has half a million
    private static final int MOST_MERGES = 200_000; // CLIP has 48,894
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
        return of(vocabFile, vocab, settings.added, all -> merges(mergesFile, all), settings);
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
        added.putAll(settings.added);
        JsonElement merges = model.get("merges");
        return of(file, modelVocab.deepCopy(), added, all -> merges(file, merges, all), settings);
    }

    /** Refuses what would have to be tokenized in another way. */
    private static void checkIsClip(Path file, JsonObject json, JsonObject model) throws IOException {
        check(file, "model.type", model.get("type"), "BPE");
        check(file, "model.end_of_word_suffix", model.get("end_of_word_suffix"), END_OF_WORD);
        for (String part : List.of("normalizer", "pre_tokenizer")) {
            List<JsonElement> patterns = new ArrayList<>();
            collect("Regex", json.get(part), patterns);
            for (JsonElement pattern : patterns) {
                if (!SPACES_PATTERN.equals(text(pattern)) && !PIECES.equals(text(pattern))) {
                    throw new IOException(file + ": " + part + " has the pattern " + Shown.text(pattern.toString())
                            + "; expected CLIP's, \"" + PIECES + "\": this is another kind of tokenizer");
                }
            }
        }
    }

    private static void check(Path file, String key, JsonElement found, String expected) throws IOException {
        boolean left = found == null || found.isJsonNull();
        if (!left && !expected.equals(text(found))) {
            throw new IOException(file + ": " + key + " is " + Shown.text(found.toString()) + "; expected \"" + expected
                    + "\": this is another kind of tokenizer");
        }
    }

    private static String text(JsonElement element) {
        return element.isJsonPrimitive() ? element.getAsString() : "";
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
        long size = checkIds(file, vocab);
        JsonObject json = new JsonObject();
        json.addProperty("version", "1.0");
        json.add("added_tokens", wholeTokens(file, vocab, settings, news));
        json.add("normalizer", normalizer());
        json.add("pre_tokenizer", preTokenizer());
        json.add("model", model(vocab, merges.of(vocab), settings.eos));
        return new TokenizerFiles(
                new Gson().toJson(json),
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

    private static long checkIds(Path file, JsonObject vocab) throws IOException {
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

    /** The pairs to merge, the most frequent first; the file's first line may name its version. */
    private static JsonArray merges(Path file, JsonObject vocab) throws IOException {
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

    /** The pairs of the one file: each a list of two tokens, or both in one text. */
    private static JsonArray merges(Path file, JsonElement pairs, JsonObject vocab) throws IOException {
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

    private static JsonObject model(JsonObject vocab, JsonArray merges, String unknown) {
        JsonObject model = typed("BPE");
        model.add("dropout", JsonNull.INSTANCE);
        model.addProperty("unk_token", unknown);
        model.addProperty("continuing_subword_prefix", "");
        model.addProperty("end_of_word_suffix", END_OF_WORD);
        model.addProperty("fuse_unk", false);
        model.add("vocab", vocab);
        model.add("merges", merges);
        return model;
    }

    /**
     * What stands for itself wherever it occurs in a text: begin, end, and what was added to the vocabulary. A padding
     * token such as "!" is an ordinary one in a text.
     */
    private static JsonArray wholeTokens(Path file, JsonObject vocab, Settings settings, List<String> added)
            throws IOException {
        JsonArray tokens = new JsonArray();
        tokens.add(wholeToken(settings.bos, id(file, vocab, "bos_token", settings.bos), true));
        tokens.add(wholeToken(settings.eos, id(file, vocab, "eos_token", settings.eos), true));
        added.forEach(token -> tokens.add(wholeToken(token, vocab.get(token), false)));
        return tokens;
    }

    private static JsonObject wholeToken(String content, JsonElement id, boolean special) {
        JsonObject token = new JsonObject();
        token.add("id", id);
        token.addProperty("content", content);
        token.addProperty("single_word", false);
        token.addProperty("lstrip", false);
        token.addProperty("rstrip", false);
        token.addProperty("normalized", true);
        token.addProperty("special", special);
        return token;
    }

    private static JsonObject normalizer() {
        JsonObject replace = typed("Replace");
        replace.add("pattern", regex(SPACES_PATTERN));
        replace.addProperty("content", " ");
        return sequence("normalizers", typed("NFC"), replace, typed("Lowercase"));
    }

    private static JsonObject preTokenizer() {
        JsonObject split = typed("Split");
        split.add("pattern", regex(PIECES));
        split.addProperty("behavior", "Removed");
        split.addProperty("invert", true);
        JsonObject bytes = typed("ByteLevel");
        bytes.addProperty("add_prefix_space", false);
        bytes.addProperty("trim_offsets", true);
        bytes.addProperty("use_regex", false);
        return sequence("pretokenizers", split, bytes);
    }

    private static JsonObject sequence(String name, JsonObject... members) {
        JsonArray list = new JsonArray();
        for (JsonObject member : members) {
            list.add(member);
        }
        JsonObject sequence = typed("Sequence");
        sequence.add(name, list);
        return sequence;
    }

    private static JsonObject regex(String pattern) {
        JsonObject regex = new JsonObject();
        regex.addProperty("Regex", pattern);
        return regex;
    }

    private static JsonObject typed(String type) {
        JsonObject object = new JsonObject();
        object.addProperty("type", type);
        return object;
    }

    /**
     * The small files beside the vocabulary; each may be missing.
     *
     * @param added the ids of tokens added to the vocabulary, such as those of textual inversion
     */
    private record Settings(String bos, String eos, String pad, int maxLength, Map<String, JsonElement> added) {

        static Settings read(Path folder, Optional<String> padding) throws IOException {
            Path configFile = folder.resolve("tokenizer_config.json");
            JsonObject config = objectOrEmpty(configFile);
            JsonObject map = objectOrEmpty(folder.resolve("special_tokens_map.json"));
            String eos = token(folder, "eos_token", map, config).orElse(EOS);
            Map<String, JsonElement> added = new LinkedHashMap<>(
                    objectOrEmpty(folder.resolve("added_tokens.json")).asMap());
            added.putAll(addedTokensDecoder(configFile, config));
            return new Settings(
                    token(folder, "bos_token", map, config).orElse(BOS),
                    eos,
                    padding.isPresent()
                            ? padding.get()
                            : token(folder, "pad_token", map, config).orElse(eos),
                    maxLength(configFile, config),
                    added);
        }

        /** The same as {@code added_tokens.json} the other way round: from an id to an object that holds the token. */
        private static Map<String, JsonElement> addedTokensDecoder(Path file, JsonObject config) throws IOException {
            Map<String, JsonElement> added = new LinkedHashMap<>();
            if (config.get("added_tokens_decoder") instanceof JsonObject decoder) {
                for (Map.Entry<String, JsonElement> entry : decoder.entrySet()) {
                    if (!(entry.getValue() instanceof JsonObject token)
                            || !(token.get("content") instanceof JsonPrimitive content)
                            || !entry.getKey().matches("\\d{1,9}")) {
                        throw new IOException(
                                file + ": added_tokens_decoder has an entry that is not an id and a token: "
                                        + Shown.text(entry.getKey() + " " + entry.getValue()));
                    }
                    added.put(content.getAsString(), new JsonPrimitive(Integer.valueOf(entry.getKey())));
                }
            }
            return added;
        }

        private static JsonObject objectOrEmpty(Path file) throws IOException {
            return Files.exists(file) ? Config.read(file).json() : new JsonObject();
        }

        /** A token is written as its text, or as an object whose "content" is its text. */
        private static Optional<String> token(Path folder, String role, JsonObject... sources) throws IOException {
            for (JsonObject source : sources) {
                JsonElement value =
                        source.get(role) instanceof JsonObject object ? object.get("content") : source.get(role);
                if (value != null && !value.isJsonNull()) {
                    if (!value.isJsonPrimitive()) {
                        throw new IOException(
                                folder + ": " + role + " is " + Shown.text(value.toString()) + "; expected text");
                    }
                    return Optional.of(value.getAsString());
                }
            }
            return Optional.empty();
        }

        private static int maxLength(Path file, JsonObject config) throws IOException {
            JsonElement value = config.get("model_max_length");
            if (value == null || value.isJsonNull()) {
                return CLIP_LENGTH;
            }
            double length =
                    value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber() ? value.getAsDouble() : 0;
            if (length > LONGEST) {
                return CLIP_LENGTH;
            }
            if (length < 3 || length != Math.rint(length)) {
                throw new IOException(file + ": model_max_length is " + value + "; expected a whole number from 3");
            }
            return (int) length;
        }
    }
}
