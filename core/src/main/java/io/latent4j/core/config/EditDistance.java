package io.latent4j.core.config;

/**
 * How many letters have to be put in, taken out or replaced to make one text of another: for errors that guess what was
 * meant.
 */
public final class EditDistance {
    private static final int LONGEST = 100; // letters of what a person types; the work grows with their square

    private EditDistance() {}

    /**
     * Levenshtein's distance, by the rows of its table; of texts of more than 100 letters that of their beginnings, and the
     * difference of what remains.
     */
    public static int between(String from, String to) {
        if (from.length() > LONGEST || to.length() > LONGEST) {
            return between(cut(from), cut(to)) + Math.abs(rest(from) - rest(to));
        }
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(LONGEST, text.length()));
    }

    private static int rest(String text) {
        return Math.max(0, text.length() - LONGEST);
    }
}
