package io.latent4j.core.config;

/** A number and its noun, in the singular or the plural. */
public final class Counted {
    private Counted() {}

    /** 1 and "step" are "1 step"; 2 and "step" are "2 steps". */
    public static String of(long number, String noun) {
        return number + " " + noun(number, noun);
    }

    /**
     * The noun for a number: 1 and "batch" are "batch"; 0 or 2 and "batch" are "batches".
     *
     * @param noun in the singular, of one whose plural ends in s
     */
    public static String noun(long number, String noun) {
        if (number == 1) {
            return noun;
        }
        if (noun.matches(".*(s|x|z|ch|sh)")) {
            return noun + "es";
        }
        return noun.matches(".*[^aeiou]y") ? noun.substring(0, noun.length() - 1) + "ies" : noun + "s";
    }
}
