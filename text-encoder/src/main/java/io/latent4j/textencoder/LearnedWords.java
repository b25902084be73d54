package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.ops.ParameterOps;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * The learned words that texts for one model may have. Their vectors get ids from the end of the model's vocabulary on,
 * in order; a word is found in a text before anything else is, whatever its case, and not within a longer word. Of words
 * that differ in case alone the one as it is written is found, else the first.
 *
 * <p>Two are equal if they have the same words for the same vocabulary, with the same arrays and not only equal ones.
 */
public final class LearnedWords {
    private static final int REPLACEMENT = 0xFFFD;

    private final List<LearnedWord> words;
    private final ImmutableMap<String, List<Long>> ids;

    private LearnedWords(List<LearnedWord> words, ImmutableMap<String, List<Long>> ids) {
        this.words = words;
        this.ids = ids;
    }

    /** A part of a text: some letters, or a learned word, whose ids are given. */
    record Piece(int start, String text, List<Long> ids) {}

    /** No words. */
    public static LearnedWords none() {
        return new LearnedWords(List.of(), ImmutableMap.of());
    }

    /**
     * Words for a text encoder.
     *
     * @param words each of one encoder's vectors: see {@link LearnedWord#of}
     * @throws IllegalArgumentException if one is of another width than the encoder's, or is there twice
     */
    public static LearnedWords of(TextEncoderConfig model, List<LearnedWord> words) {
        ImmutableMap.Builder<String, List<Long>> ids = ImmutableMap.builder();
        Set<String> seen = new HashSet<>();
        long next = model.vocabularySize();
        for (LearnedWord word : words) {
            long width = word.of(0, 1).vectors().get(0).getShape().get(1);
            if (width != model.width()) {
                throw new IllegalArgumentException(
                        "the vectors of " + word.token() + " are " + width + " wide; expected " + model.width()
                                + ", as the text encoder is; use it with the model it was made for");
            }
            if (!seen.add(word.token())) {
                throw new IllegalArgumentException(
                        "the learned word " + word.token() + " is there twice; expected it once");
            }
            ids.put(
                    word.token(),
                    LongStream.range(next, next + word.count()).boxed().toList());
            next += word.count();
        }
        return new LearnedWords(List.copyOf(words), ids.buildOrThrow());
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return words.isEmpty();
    }

    /** The ids of texts, (texts, length), int64, which {@code manager} owns. */
    public TokenBatch encode(TextTokenizer tokenizer, NDManager manager, List<String> texts) {
        List<Tokens> all =
                texts.stream().map(text -> tokenizer.encode(text, this)).toList();
        long[] ids = all.stream()
                .flatMap(tokens -> tokens.ids().stream())
                .mapToLong(Long::longValue)
                .toArray();
        return new TokenBatch(
                manager.create(ids, new Shape(texts.size(), tokenizer.maxLength())),
                all.stream().map(tokens -> tokenizer.length(tokens.count())).toList(),
                this);
    }

    /** All words' vectors, (count, width), in the order of their ids; empty if there are no words. */
    Optional<NDArray> vectors() {
        NDList vectors = new NDList();
        words.forEach(word -> vectors.add(word.vectors().get(0)));
        return vectors.isEmpty()
                ? Optional.empty()
                : Optional.of(vectors.size() == 1 ? vectors.get(0) : NDArrays.concat(vectors));
    }

    /** How often the vectors were changed: {@link ParameterOps#version}. */
    public long version() {
        return ParameterOps.version(
                words.stream().map(word -> word.vectors().get(0)).toList());
    }

    /**
     * The pieces of a text in which learned words stand for ids of their own.
     *
     * @param plain the pieces of a text without learned words; it is given none with half of a surrogate pair, which stands
     *     as U+FFFD
     */
    public List<TextTokenizer.Piece> pieces(String text, Function<String, List<TextTokenizer.Piece>> plain) {
        Preconditions.checkNotNull(text, "text");
        List<TextTokenizer.Piece> pieces = new ArrayList<>();
        int before = 0; // in code points
        int counted = 0;
        for (Piece part : split(text)) {
            before += text.codePointCount(counted, part.start());
            counted = part.start();
            if (part.ids().isEmpty()) {
                for (TextTokenizer.Piece piece : plain.apply(wellFormed(part.text()))) {
                    pieces.add(new TextTokenizer.Piece(piece.ids(), before + piece.start()));
                }
            } else {
                pieces.add(new TextTokenizer.Piece(part.ids(), before));
            }
        }
        return pieces;
    }

    /** The tokenizers library would make three characters of half a pair, and count its offsets by them. */
    private static String wellFormed(String text) {
        return text.codePoints()
                .map(c -> Character.getType(c) == Character.SURROGATE ? REPLACEMENT : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The text as learned words and what is between them. */
    List<Piece> split(String text) {
        List<Piece> pieces = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            Optional<String> word = wordAt(text, at);
            if (word.isEmpty()) {
                at++;
                continue;
            }
            if (at > from) {
                pieces.add(new Piece(from, text.substring(from, at), List.of()));
            }
            int end = at + word.get().length();
            pieces.add(new Piece(at, text.substring(at, end), ids.get(word.get())));
            at = end;
            from = at;
        }
        if (from < text.length() || pieces.isEmpty()) {
            pieces.add(new Piece(from, text.substring(from), List.of()));
        }
        return pieces;
    }

    private Optional<String> wordAt(String text, int at) {
        Optional<String> found = Optional.empty();
        for (String word : ids.keySet()) {
            if (isAt(word, text, at)) {
                int longer = found.map(other -> word.length() - other.length()).orElse(1);
                if (longer > 0 || (longer == 0 && text.startsWith(word, at))) {
                    found = Optional.of(word);
                }
            }
        }
        return found;
    }

    private static boolean isAt(String word, String text, int at) {
        return text.regionMatches(true, at, word, 0, word.length())
                && isEdge(text, at)
                && isEdge(text, at + word.length());
    }

    /** The words that none of these texts has. */
    public List<String> unused(List<String> texts) {
        Set<String> used = new HashSet<>();
        texts.forEach(text -> {
            for (int at = 0; at < text.length(); at++) {
                wordAt(text, at).ifPresent(used::add);
            }
        });
        return ids.keySet().stream().filter(word -> !used.contains(word)).toList();
    }

    /** The words, as they are written. */
    public List<String> tokens() {
        return List.copyOf(ids.keySet());
    }

    /** Whether no word goes on here. */
    private static boolean isEdge(String text, int at) {
        return at == 0
                || at == text.length()
                || !Character.isLetterOrDigit(text.charAt(at - 1))
                || !Character.isLetterOrDigit(text.charAt(at));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LearnedWords read && ids.equals(read.ids) && sameArrays(read);
    }

    /** Whether the vectors are the same arrays, whatever is in them. */
    @SuppressWarnings("ReferenceEquality")
    private boolean sameArrays(LearnedWords other) {
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).vectors().get(0) != other.words.get(i).vectors().get(0)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return ids.hashCode();
    }

    /** The ids of each word. */
    Map<String, List<Long>> ids() {
        return ids;
    }
}
