package io.latent4j.textencoder;

import io.latent4j.core.config.Counted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * As much of a prompt as a text encoder reads at a time, with a weight for each token.
 *
 * @param ids what leads the text in, tokens, what ends it and padding, as many as the encoder reads
 * @param weights of the ids; those of all but the tokens are 1
 * @param length how many ids are no padding
 */
public record PromptChunk(List<Long> ids, List<Double> weights, int length) {
    public PromptChunk {
        ids = List.copyOf(ids);
        weights = List.copyOf(weights);
        if (ids.size() != weights.size()) {
            throw new IllegalArgumentException("there are " + Counted.of(ids.size(), "id") + " and "
                    + Counted.of(weights.size(), "weight") + "; expected a weight for each id");
        }
    }

    /** A chunk without padding. */
    public PromptChunk(List<Long> ids, List<Double> weights) {
        this(ids, weights, ids.size());
    }

    /** Whether no token weighs more or less than another. */
    boolean isEven() {
        return weights.stream().allMatch(weight -> weight == 1);
    }

    /** A text as far as the encoder reads it at a time, as it is written. */
    public static PromptChunk of(String text, TextTokenizer tokenizer, LearnedWords words) {
        Tokens tokens = tokenizer.encode(text, words);
        int ids = tokens.ids().size();
        return new PromptChunk(tokens.ids(), Collections.nCopies(ids, 1.0), tokenizer.length(tokens.count()));
    }

    /**
     * A text in as many chunks as it takes, one at least. A section begins a new one, and so does a token that does not fit:
     * it takes along what comes after the last comma if that, with the comma, is no more than 20 tokens of 75. A learned
     * word's tokens stay together.
     *
     * @throws IllegalArgumentException if it takes more than 100 chunks
     */
    public static List<PromptChunk> of(WeightedText text, TextTokenizer tokenizer, LearnedWords words) {
        Builder chunks = new Builder(tokenizer);
        for (List<WeightedText.Span> section :
                text.sections().subList(0, text.sections().size() - 1)) {
            chunks.add(section, words);
            chunks.end();
        }
        chunks.add(text.sections().get(text.sections().size() - 1), words);
        return chunks.done();
    }

    private static final class Builder {
        private static final int MOST_CHUNKS = 100; // with which a step of a UNet takes several times as long

        private final TextTokenizer tokenizer;
        private final int most;
        private final List<Long> comma;
        private final List<PromptChunk> chunks = new ArrayList<>();
        private List<Weighted> open = new ArrayList<>();

        /** A token of the chunk that is not done yet. */
        private record Weighted(long id, double weight) {}

        Builder(TextTokenizer tokenizer) {
            this.tokenizer = tokenizer;
            this.most = tokenizer.room();
            this.comma = tokenizer.pieces(",", LearnedWords.none()).stream()
                    .flatMap(piece -> piece.ids().stream())
                    .toList();
        }

        void add(List<WeightedText.Span> section, LearnedWords words) {
            for (WeightedText.Span span : section) {
                for (TextTokenizer.Piece piece : tokenizer.pieces(span.text(), words)) {
                    if (open.size() + piece.ids().size() > most) {
                        makeRoom(piece.ids());
                    }
                    piece.ids().forEach(id -> add(new Weighted(id, span.weight())));
                }
            }
        }

        private void makeRoom(List<Long> ids) {
            int kept = ids.equals(comma) ? open.size() : afterComma();
            List<Weighted> moved = List.copyOf(open.subList(kept, open.size()));
            open.subList(kept, open.size()).clear();
            endUnlessEmpty();
            open.addAll(moved);
        }

        /** Where the tokens begin that go along with one that does not fit. */
        private int afterComma() {
            int tail = most * 20 / 75;
            for (int at = open.size() - 1; at >= Math.max(0, open.size() - tail); at--) {
                if (comma.equals(List.of(open.get(at).id))) {
                    return at + 1;
                }
            }
            return open.size();
        }

        private void add(Weighted token) {
            if (open.size() == most) { // in a learned word that is longer than a chunk
                end();
            }
            open.add(token);
        }

        List<PromptChunk> done() {
            if (chunks.isEmpty() || !open.isEmpty()) {
                end();
            }
            return chunks;
        }

        void endUnlessEmpty() {
            if (!open.isEmpty()) {
                end();
            }
        }

        void end() {
            if (chunks.size() == MOST_CHUNKS) {
                throw new IllegalArgumentException("the prompt takes more than " + MOST_CHUNKS + " chunks of " + most
                        + " tokens; expected a shorter prompt, or fewer sections (BREAK)");
            }
            List<Long> ids = tokenizer.framed(open.stream().map(Weighted::id).toList());
            List<Double> weights = new ArrayList<>(Collections.nCopies(ids.size(), 1.0));
            for (int i = 0; i < open.size(); i++) {
                weights.set(tokenizer.lead() + i, open.get(i).weight);
            }
            chunks.add(new PromptChunk(ids, weights, tokenizer.length(open.size())));
            open = new ArrayList<>();
        }
    }
}
