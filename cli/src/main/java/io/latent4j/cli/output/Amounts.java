package io.latent4j.cli.output;

import java.util.Locale;

/** Large numbers as people read them. */
public final class Amounts {
    private static final String[] COUNTS = {"", "K", "M", "B"};
    private static final String[] BYTES = {"bytes", "KB", "MB", "GB", "TB"};

    private Amounts() {}

    /** 859520964 is 859.5 M. */
    public static String count(long number) {
        return scaled(number, COUNTS).strip();
    }

    /** 3438083856 is 3.4 GB. */
    public static String bytes(long number) {
        return scaled(number, BYTES);
    }

    private static String scaled(long number, String[] units) {
        double value = number;
        int unit = 0;
        while (value >= 999.95 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }
}
