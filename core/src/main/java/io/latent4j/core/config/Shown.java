package io.latent4j.core.config;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Cuts what errors quote to a length that can be read. */
public final class Shown {
    private static final int MOST_LETTERS = 100;
    private static final int LONGEST_SENTENCE = 1000;
    private static final int MOST_NAMES = 10;

    /** What terminals obey, in both of its ranges, and what ends a line. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\x{2028}\\x{2029}]");

    private Shown() {}

    /** {@code text} in one line of at most 100 letters; what is left out is shown as three dots. */
    public static String text(String text) {
        return cut(text, MOST_LETTERS);
    }

    /** A sentence that quotes what a file says: one line of at most 1000 letters. */
    public static String sentence(String text) {
        return cut(text, LONGEST_SENTENCE);
    }

    private static String cut(String text, int most) {
        String cut = text.length() > most ? text.substring(0, most) : text;
        String line = CONTROL.matcher(cut).replaceAll("?");
        return text.length() > most ? line + "..." : line;
    }

    /** The first ten names, separated by commas, and how many more there are. */
    public static String names(Collection<String> names) {
        return list(names, ", ");
    }

    /** A list of values as a config says it, {@code [8, 16]}: the first ten, and how many more there are. */
    public static String values(Collection<?> values) {
        return "[" + names(values.stream().map(String::valueOf).toList()) + "]";
    }

    /** The first ten of {@code items}, each cut, and how many more there are. */
    public static String list(Collection<String> items, String separator) {
        String shown = items.stream().limit(MOST_NAMES).map(Shown::text).collect(Collectors.joining(separator));
        int rest = items.size() - MOST_NAMES;
        return rest <= 0 ? shown : shown + " and " + rest + " more";
    }
}
