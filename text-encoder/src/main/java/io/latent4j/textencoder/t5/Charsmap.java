package io.latent4j.textencoder.t5;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The table of replacements that a SentencePiece model normalizes text by (<a
 * href="https://arxiv.org/abs/1808.06226">Kudo &amp; Richardson 2018</a>, section 3.1): the longest entry at a place of the
 * text is replaced. A double-array trie over UTF-8, then the replacements, each ended by a 0.
 */
final class Charsmap {
    private static final int MOST_BYTES = 256; // of a replacement; Unicode's longest has 33
    private static final int HEADER = 4;

    private final String source;
    private final int[] units;
    private final byte[] replacements;

    /** Where a replacement begins and how many bytes of the text it stands for. */
    record Match(int length, String replacement) {}

    private Charsmap(String source, int[] units, byte[] replacements) {
        this.source = source;
        this.units = units;
        this.replacements = replacements;
    }

    /**
     * Reads a table; no bytes are one without entries.
     *
     * @param source what the table is called in errors
     * @throws IllegalArgumentException if the bytes are not a table
     */
    static Charsmap of(String source, byte[] bytes) {
        if (bytes.length == 0) {
            return new Charsmap(source, new int[0], new byte[0]);
        }
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long trie = bytes.length < HEADER ? -1 : Integer.toUnsignedLong(all.getInt());
        if (trie < Integer.BYTES || trie % Integer.BYTES != 0 || trie > bytes.length - HEADER) {
            throw new IllegalArgumentException(source + " has " + bytes.length
                    + " bytes, which do not hold the trie that they begin with; fetch the file again");
        }
        int[] units = new int[(int) trie / Integer.BYTES];
        all.asIntBuffer().get(units);
        byte[] replacements = new byte[bytes.length - HEADER - (int) trie];
        all.position(HEADER + (int) trie).get(replacements);
        return new Charsmap(source, units, replacements);
    }

    /**
     * The longest entry at a place of a text, or an empty match.
     *
     * @throws IllegalArgumentException if the table is damaged
     */
    Match at(byte[] text, int from) {
        int length = 0;
        int value = 0;
        if (units.length > 0) {
            int node = offset(units[0]);
            for (int i = from; i < text.length; i++) {
                int letter = text[i] & 0xFF;
                node ^= letter;
                if (node < 0 || node >= units.length || label(units[node]) != letter) {
                    break;
                }
                int unit = units[node];
                node ^= offset(unit);
                if (((unit >>> 8) & 1) == 1) {
                    length = i + 1 - from;
                    value = unit(node) & Integer.MAX_VALUE;
                }
            }
        }
        return new Match(length, length == 0 ? "" : replacement(value));
    }

    private int unit(int node) {
        if (node < 0 || node >= units.length) {
            throw damaged();
        }
        return units[node];
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
    }

    private static int label(int unit) {
        return unit & (Integer.MIN_VALUE | 0xFF);
    }

    private String replacement(int from) {
        int to = from;
        while (to < replacements.length && replacements[to] != 0) {
            to++;
        }
        if (to >= replacements.length || to - from > MOST_BYTES) {
            throw damaged();
        }
        return new String(replacements, from, to - from, StandardCharsets.UTF_8);
    }

    private IllegalArgumentException damaged() {
        return new IllegalArgumentException(
                source + " is damaged: an entry points to no replacement; fetch the file again");
    }
}
