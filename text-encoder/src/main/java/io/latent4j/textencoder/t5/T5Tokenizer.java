package io.latent4j.textencoder.t5;

import com.google.common.base.Preconditions;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.config.TextFile;
import io.latent4j.textencoder.BytePairs;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.textencoder.TokenizerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * T5's tokenizer: pieces of a SentencePiece model of unigrams (<a href="https://arxiv.org/abs/1804.10959">Kudo 2018</a>).
 *
 * <p>A text becomes {@code tokens…, end, padding…}, always {@link #maxLength} ids. They are those of SentencePiece itself,
 * whichever file they are read from. The tokenizers library differs from it where a letter carries several accents: it looks
 * a letter up with its accents, SentencePiece what is longest.
 *
 * <p>{@code </s>}, {@code <extra_id_0>} and the other special tokens stand for themselves in a text; they are not part of the
 * model's pieces. A character that is half of a surrogate pair is encoded as U+FFFD.
 *
 * <p>Safe for use by many threads. Holds no native memory.
 */
public final class T5Tokenizer implements TextTokenizer {
    private static final int LENGTH = 512;
    private static final int LONGEST = 1 << 16;
    private static final int LARGEST_JSON = 64 << 20; // bytes; T5's has 2.4 million
    private static final int MOST_ADDED = 10_000; // each is looked for in every text
    private static final int EXTRA_IDS = 100;

    private final UnigramFile file;
    private final Unigram unigram;
    private final Normalizer normalizer;
    private final AddedTokens added;
    private final long vocabularySize;
    private final int maxLength;
    private final long eos;
    private final long pad;
    private volatile boolean closed;

    private T5Tokenizer(T5Tokenizer like, int maxLength) {
        this.file = like.file;
        this.unigram = like.unigram;
        this.normalizer = like.normalizer;
        this.added = like.added;
        this.vocabularySize = like.vocabularySize;
        this.maxLength = maxLength;
        this.eos = like.eos;
        this.pad = like.pad;
    }

    /**
     * This tokenizer with texts of another length in ids. What was read is shared.
     *
     * @throws IllegalArgumentException if the length is not from 1 to 65536
     */
    public T5Tokenizer withMaxLength(int length) {
        checkLength(length);
        return new T5Tokenizer(this, length);
    }

    private T5Tokenizer(UnigramFile file, Map<String, Integer> added, int maxLength, long eos, long pad) {
        this.file = file;
        this.unigram = new Unigram(file);
        this.normalizer = new Normalizer(file.charsmap());
        this.added = new AddedTokens(added);
        int largest = added.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        this.vocabularySize = Math.max(file.pieces().size(), largest + 1L);
        this.maxLength = maxLength;
        this.eos = eos;
        this.pad = pad;
    }

    /**
     * Reads a tokenizer's folder: {@code tokenizer.json}, or {@code spiece.model} where that is not there. The length is
     * {@code model_max_length} in {@code tokenizer_config.json}, or 512.
     *
     * @throws IOException naming the file that is missing, malformed or inconsistent, and what is wrong with it
     */
    public static T5Tokenizer read(Path folder) throws IOException {
        return read(folder, OptionalInt.empty(), Optional.empty());
    }

    /**
     * {@link #read(Path)}, but each text becomes {@code maxLength} ids: Stable Diffusion 3 has 256, FLUX.1 512, PixArt-Σ 300.
     *
     * @throws IllegalArgumentException if the length is not from 1 to 65536
     */
    public static T5Tokenizer read(Path folder, int maxLength) throws IOException {
        checkLength(maxLength);
        return read(folder, OptionalInt.of(maxLength), Optional.empty());
    }

    private static void checkLength(int length) {
        Preconditions.checkArgument(
                length >= 1 && length <= LONGEST,
                "the length of a text in ids is %s; expected 1 to %s",
                length,
                LONGEST);
    }

    static T5Tokenizer read(Path folder, OptionalInt length, Optional<String> padding) throws IOException {
        Path json = folder.resolve("tokenizer.json");
        Path model = folder.resolve("spiece.model");
        if (!Files.exists(json) && !Files.exists(model)) {
            throw new IOException(folder + " holds no tokenizer; expected tokenizer.json or spiece.model");
        }
        TokenizerSettings settings = TokenizerSettings.read(folder);
        int maxLength = length.isPresent() ? length.getAsInt() : settings.maxLength(1, LENGTH);
        return Files.exists(json)
                ? whole(json, settings, maxLength, padding)
                : model(model, settings, maxLength, padding);
    }

    private static T5Tokenizer whole(Path path, TokenizerSettings settings, int maxLength, Optional<String> padding)
            throws IOException {
        String text = TextFile.read(path, LARGEST_JSON, "a tokenizer in JSON");
        JsonObject json = Config.parseJson(path.toString(), text).json();
        Map<String, JsonElement> tokens = new LinkedHashMap<>(BytePairs.addedTokens(path, json));
        tokens.putAll(settings.added());
        Map<String, Integer> added = added(path, tokens);
        return of(path, UnigramJson.read(path, json, added.keySet()), added, settings, maxLength, padding);
    }

    /** The file has no extra ids, which follow its pieces, the last first. */
    private static T5Tokenizer model(Path path, TokenizerSettings settings, int maxLength, Optional<String> padding)
            throws IOException {
        UnigramFile file = SentencePieceFile.read(path);
        Map<String, Integer> added = new LinkedHashMap<>();
        for (int i = 0; i < EXTRA_IDS; i++) {
            added.put("<extra_id_" + i + ">", file.pieces().size() + EXTRA_IDS - 1 - i);
        }
        for (int id = 0; id < file.pieces().size(); id++) {
            if (!file.matched().get(id) && added.size() < MOST_ADDED) {
                added.put(file.pieces().get(id), id);
            }
        }
        added.putAll(added(path, settings.added()));
        return of(path, file, added, settings, maxLength, padding);
    }

    private static Map<String, Integer> added(Path path, Map<String, JsonElement> tokens) throws IOException {
        if (tokens.size() > MOST_ADDED) {
            throw new IOException(
                    path + ": " + tokens.size() + " tokens are added to it; expected at most " + MOST_ADDED);
        }
        JsonObject ids = new JsonObject();
        tokens.forEach(ids::add);
        BytePairs.checkIds(path, ids);
        Map<String, Integer> added = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> token : tokens.entrySet()) {
            int letters = token.getKey().length();
            if (letters < 1 || letters > UnigramFile.LONGEST) {
                throw new IOException(path + ": a token of " + Counted.of(letters, "letter")
                        + " is added to it; expected 1 to " + UnigramFile.LONGEST);
            }
            added.put(token.getKey(), token.getValue().getAsBigDecimal().intValue());
        }
        return added;
    }

    private static T5Tokenizer of(
            Path path,
            UnigramFile file,
            Map<String, Integer> added,
            TokenizerSettings settings,
            int maxLength,
            Optional<String> padding)
            throws IOException {
        String eos = settings.token("eos_token").orElse("</s>");
        String pad = padding.isPresent()
                ? padding.get()
                : settings.token("pad_token").orElse("<pad>");
        return new T5Tokenizer(
                file,
                added,
                maxLength,
                id(path, file, added, "eos_token", eos),
                id(path, file, added, "pad_token", pad));
    }

    private static long id(Path path, UnigramFile file, Map<String, Integer> added, String role, String token)
            throws IOException {
        int id = added.getOrDefault(token, file.pieces().indexOf(token));
        if (id < 0) {
            throw new IOException(path + ": has no piece \"" + Shown.text(token) + "\", which is the " + role);
        }
        return id;
    }

    @Override
    public List<Piece> pieces(String text, LearnedWords words) {
        if (closed) {
            throw new IllegalStateException("the tokenizer is closed; expected it open; close it after its last use");
        }
        return words.pieces(text, this::plain);
    }

    private List<Piece> plain(String text) {
        List<Piece> pieces = new ArrayList<>();
        int before = 0; // in code points
        int counted = 0;
        for (AddedTokens.Part part : added.split(text)) {
            before += text.codePointCount(counted, part.start());
            counted = part.start();
            if (part.id().isPresent()) {
                pieces.add(new Piece(List.of((long) part.id().get()), before));
            } else {
                add(part.text(), before, pieces);
            }
        }
        return pieces;
    }

    /** A piece begins at its first letter, and not at the space before it. */
    private void add(String text, int before, List<Piece> pieces) {
        Normalizer.Normalized normalized = normalizer.normalize(text);
        for (Unigram.Token token : unigram.tokens(normalized.text())) {
            boolean spaced = normalized.text().charAt(token.start()) == Normalizer.SPACE;
            int first = spaced && token.start() + 1 < token.end() ? token.start() + 1 : token.start();
            pieces.add(new Piece(List.of((long) token.id()), before + normalized.start(first)));
        }
    }

    /** {@code ids}, the end token, and padding up to the whole length. */
    @Override
    public List<Long> framed(List<Long> ids) {
        List<Long> framed = new ArrayList<>(ids);
        framed.add(eos);
        framed.addAll(Collections.nCopies(maxLength - framed.size(), pad));
        return framed;
    }

    /** How many ids each text becomes, the end token included. */
    @Override
    public int maxLength() {
        return maxLength;
    }

    /** Nothing stands before a text. */
    @Override
    public int lead() {
        return 0;
    }

    @Override
    public int room() {
        return maxLength - 1;
    }

    @Override
    public long vocabularySize() {
        return vocabularySize;
    }

    /** The id that ends a text. */
    public long eos() {
        return eos;
    }

    /** The id that fills up what the text leaves free. */
    public long pad() {
        return pad;
    }

    /** The id of what no piece covers. */
    public long unknown() {
        return file.unknown();
    }

    /** No text is encoded any more. */
    @Override
    public void close() {
        closed = true;
    }
}
