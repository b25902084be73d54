package io.latent4j.textencoder.t5;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The cut of a text into pieces whose probabilities have the largest product, by the Viterbi algorithm (<a
 * href="https://arxiv.org/abs/1804.10959">Kudo 2018</a>, section 3.2). Of equal cuts the one is taken whose last pieces are
 * longer. What no piece covers is unknown, a run of it together.
 */
final class Unigram {
    /** By how much the logarithm of the probability of what is unknown is below that of the rarest piece. */
    private static final float UNKNOWN_PENALTY = 10;

    private final UnigramFile file;
    private final int[] sorted; // ids by their pieces
    private final float unknownScore;

    /**
     * A part of a text.
     *
     * @param start index of its first char
     * @param end index after its last
     */
    record Token(int id, int start, int end) {}

    Unigram(UnigramFile file) {
        this.file = file;
        List<Integer> ids = new ArrayList<>();
        float least = 0;
        for (int id = 0; id < file.pieces().size(); id++) {
            if (file.matched().get(id)) {
                ids.add(id);
                least = Math.min(least, file.scores().get(id));
            }
        }
        ids.sort(Comparator.comparing(file.pieces()::get));
        sorted = ids.stream().mapToInt(Integer::intValue).toArray();
        unknownScore = least - UNKNOWN_PENALTY;
    }

    /** The pieces of a normalized text. */
    List<Token> tokens(String text) {
        int n = text.length();
        float[] best = new float[n + 1]; // float32 sums, as the reference's, decide between cuts that are nearly equal
        Token[] last = new Token[n + 1];
        for (int start = 0; start < n; start += Character.charCount(text.codePointAt(start))) {
            extend(text, start, best, last);
        }
        List<Token> tokens = new ArrayList<>();
        for (int end = n; end > 0; end = tokens.get(tokens.size() - 1).start) {
            tokens.add(last[end]);
        }
        Collections.reverse(tokens);
        return joined(tokens);
    }

    /** Tries all pieces that begin at {@code start}: those that go on like the text are a range of the sorted ones. */
    private void extend(String text, int start, float[] best, Token[] last) {
        int one = Character.charCount(text.codePointAt(start));
        boolean covered = false;
        int low = 0;
        int high = sorted.length;
        for (int at = start; at < text.length() && low < high; at++) {
            int depth = at - start;
            low = bound(low, high, depth, text.charAt(at));
            high = bound(low, high, depth, text.charAt(at) + 1);
            if (low < high && piece(low).length() == depth + 1) { // the shortest comes first, and there is one
                int id = sorted[low++];
                offer(new Token(id, start, at + 1), file.scores().get(id), best, last);
                covered |= depth + 1 == one;
            }
        }
        if (!covered) {
            offer(new Token(file.unknown(), start, start + one), unknownScore, best, last);
        }
    }

    private static void offer(Token token, float score, float[] best, Token[] last) {
        float sum = best[token.start] + score;
        if (last[token.end] == null || sum > best[token.end]) {
            best[token.end] = sum;
            last[token.end] = token;
        }
    }

    private String piece(int index) {
        return file.pieces().get(sorted[index]);
    }

    /** The first of the pieces from {@code low} to {@code high} that has {@code letter} or a later one at {@code depth}. */
    private int bound(int low, int high, int depth, int letter) {
        int from = low;
        int to = high;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (piece(middle).charAt(depth) < letter) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private List<Token> joined(List<Token> tokens) {
        List<Token> joined = new ArrayList<>();
        for (Token token : tokens) {
            int end = joined.size() - 1;
            if (token.id == file.unknown() && end >= 0 && joined.get(end).id == file.unknown()) {
                joined.set(end, new Token(token.id, joined.get(end).start, token.end));
            } else {
                joined.add(token);
            }
        }
        return joined;
    }
}
