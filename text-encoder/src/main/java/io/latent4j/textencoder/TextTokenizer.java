package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Texts to the ids that one kind of text encoder reads: what leads a text in, its tokens, what ends it, and padding, always
 * {@link #maxLength} ids. Safe for use by many threads. Holds native memory until closed.
 */
public interface TextTokenizer extends AutoCloseable {

    /** How many ids each text becomes, with what is before and after its tokens. */
    int maxLength();

    /** How many ids stand before a text's tokens. */
    int lead();

    /** How many tokens of a text fit. */
    int room();

    /** One more than the largest id: the rows that a model's table of token embeddings needs at least. */
    long vocabularySize();

    /** The pieces of a text, however many. */
    List<Piece> pieces(String text, LearnedWords words);

    /** What leads a text in, {@code ids}, what ends it, and padding up to the whole length. */
    List<Long> framed(List<Long> ids);

    /**
     * What belongs together in a text: a token, or the tokens of a learned word.
     *
     * @param start where in the text it begins, in code points
     */
    record Piece(List<Long> ids, int start) {
        public Piece {
            ids = List.copyOf(ids);
        }
    }

    /**
     * Encodes one text; an empty one too.
     *
     * @throws IllegalStateException if this tokenizer is closed
     */
    default Tokens encode(String text) {
        return encode(text, LearnedWords.none());
    }

    /**
     * Encodes one text, in which learned words stand for ids of their own.
     *
     * @throws IllegalStateException if this tokenizer is closed
     */
    default Tokens encode(String text, LearnedWords words) {
        List<Long> found = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        for (Piece piece : pieces(text, words)) {
            found.addAll(piece.ids());
            starts.addAll(Collections.nCopies(piece.ids().size(), piece.start()));
        }
        int kept = Math.min(found.size(), room());
        Optional<String> cut = kept == found.size()
                ? Optional.empty()
                : Optional.of(text.substring(text.offsetByCodePoints(0, starts.get(kept))));
        return new Tokens(framed(found.subList(0, kept)), found.size(), cut);
    }

    /** Encodes texts into an int64 array (texts, {@link #maxLength}) that belongs to {@code manager}. */
    default NDArray encode(NDManager manager, List<String> texts) {
        long[] ids = texts.stream()
                .flatMap(text -> encode(text).ids().stream())
                .mapToLong(Long::longValue)
                .toArray();
        return manager.create(ids, new Shape(texts.size(), maxLength()));
    }

    /** How many of a text's ids are no padding, where it has {@code tokens} tokens. */
    default int length(int tokens) {
        return Math.min(tokens, room()) + maxLength() - room();
    }

    /** Frees the native memory. May be called twice. */
    @Override
    void close();
}
