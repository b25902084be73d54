package io.latent4j.jobstore;

/**
 * Texts as both databases keep them. PostgreSQL keeps no NUL and no half of a surrogate pair, so each of these, and the escape
 * character itself, becomes an escape character and four hexadecimal digits; any other text stays as it is.
 */
final class SqlText {
    private static final char ESCAPE = 0x1b;
    private static final int DIGITS = 4;
    private static final int HEX = 16;

    private SqlText() {}

    static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                encoded.append(c).append(text.charAt(++i));
            } else if (c == 0 || c == ESCAPE || Character.isSurrogate(c)) {
                encoded.append(String.format("%c%04x", ESCAPE, (int) c));
            } else {
                encoded.append(c);
            }
        }
        return encoded.toString();
    }

    static String decode(String encoded) {
        if (encoded.indexOf(ESCAPE) < 0) {
            return encoded;
        }
        StringBuilder text = new StringBuilder(encoded.length());
        int i = 0;
        while (i < encoded.length()) {
            char c = encoded.charAt(i++);
            if (c == ESCAPE) {
                text.append((char) Integer.parseInt(encoded, i, i + DIGITS, HEX));
                i += DIGITS;
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** A pattern for {@code LIKE … ESCAPE '!'} of texts that have this encoded text in them. */
    static String containing(String encoded) {
        return "%" + encoded.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }
}
