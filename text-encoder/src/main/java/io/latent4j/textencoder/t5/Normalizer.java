package io.latent4j.textencoder.t5;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text as SentencePiece cuts it into pieces (<a href="https://arxiv.org/abs/1808.06226">Kudo &amp; Richardson 2018</a>):
 * replaced by a {@link Charsmap}, with one ▁ (U+2581) before it and for each run of spaces within it, and none at its end.
 */
final class Normalizer {
    static final char SPACE = '\u2581';

    private final Charsmap charsmap;

    Normalizer(Charsmap charsmap) {
        this.charsmap = charsmap;
    }

    /** A normalized text. */
    static final class Normalized {
        private final String text;
        private final int[] starts;

        private Normalized(String text, int[] starts) {
            this.text = text;
            this.starts = starts;
        }

        String text() {
            return text;
        }

        /** The code point of the text as it was that a char comes from. */
        int start(int at) {
            return starts[at];
        }
    }

    Normalized normalize(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Builder result = new Builder(text.length());
        int point = 0; // in code points
        for (int at = 0; at < bytes.length; ) {
            Charsmap.Match match = charsmap.at(bytes, at);
            int length = match.length() == 0 ? lengthOf(bytes[at]) : match.length();
            String letters =
                    match.length() == 0 ? new String(bytes, at, length, StandardCharsets.UTF_8) : match.replacement();
            result.add(letters, point);
            for (int i = at; i < at + length; i++) {
                point += (bytes[i] & 0xC0) == 0x80 ? 0 : 1;
            }
            at += length;
        }
        return result.done();
    }

    /** Of a code point in UTF-8, by its first byte. */
    private static int lengthOf(byte first) {
        return first >= 0 ? 1 : (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
    }

    private static final class Builder {
        private final StringBuilder text = new StringBuilder();
        private int[] starts;
        private boolean afterSpace = true;

        Builder(int letters) {
            starts = new int[letters + 8];
        }

        void add(String letters, int point) {
            int from = 0;
            while (afterSpace && from < letters.length() && letters.charAt(from) == ' ') {
                from++;
            }
            if (from == letters.length()) {
                return;
            }
            if (text.isEmpty()) {
                append(SPACE, point);
            }
            for (int i = from; i < letters.length(); i++) {
                append(letters.charAt(i) == ' ' ? SPACE : letters.charAt(i), point);
            }
            afterSpace = letters.endsWith(" ");
        }

        private void append(char letter, int point) {
            if (text.length() == starts.length) {
                starts = Arrays.copyOf(starts, 2 * starts.length);
            }
            starts[text.length()] = point;
            text.append(letter);
        }

        Normalized done() {
            int length = text.length();
            while (length > 0 && text.charAt(length - 1) == SPACE) {
                length--;
            }
            return new Normalized(text.substring(0, length), Arrays.copyOf(starts, length));
        }
    }
}
