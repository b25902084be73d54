package io.latent4j.core.config;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Cuts what errors quote to a length that can be read. */
public final class Shown {
    private static final int MOST_LETTERS = 100;
    private static final int MOST_NAMES = 10;

    /** What terminals obey, in both of its ranges, and what ends a line. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\x{2028}\\x{2029}]");

    private Shown() {}

    /** {@code text} in one line of at most 100 letters; what is left out is shown as three dots. */
    public static String text(String text) {
        String cut = text.length() > MOST_LETTERS ? text.substring(0, MOST_LETTERS) : text;
        String line = CONTROL.matcher(cut).replaceAll("?");
        return text.length() > MOST_LETTERS ? line + "..." : line;
    }

    /** The first ten names, separated by commas, and how many more there are. */
    public static String names(Collection<String> names) {
        return list(names, ", ");
    }

    /** The first ten of {@code items}, each cut, and how many more there are. */
    public static String list(Collection<String> items, String separator) {
        String shown = items.stream().limit(MOST_NAMES).map(Shown::text).collect(Collectors.joining(separator));
        int rest = items.size() - MOST_NAMES;
        return rest <= 0 ? shown : shown + " and " + rest + " more";
    }
}
