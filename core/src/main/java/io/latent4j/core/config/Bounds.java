package io.latent4j.core.config;

import static com.google.common.base.Preconditions.checkArgument;

import java.math.BigDecimal;

/**
 * The numbers that a setting accepts; NaN is never one of them.
 *
 * @param least the smallest, or the one that is too small where {@code open}
 * @param open whether {@code least} itself is too small
 * @param most the largest
 */
public record Bounds(double least, boolean open, double most) {

    public Bounds {
        checkArgument(least <= most, "the bounds are %s to %s; expected the smaller one first", least, most);
    }

    /** Numbers from {@code least} to {@code most}, both included. */
    public static Bounds of(double least, double most) {
        return new Bounds(least, false, most);
    }

    /** Numbers above 0 and up to {@code most}. */
    public static Bounds positive(double most) {
        return new Bounds(0, true, most);
    }

    /** Finite numbers above 0. */
    public static Bounds positive() {
        return positive(Double.MAX_VALUE);
    }

    /** Finite numbers that are 0 or more. */
    public static Bounds notNegative() {
        return new Bounds(0, false, Double.MAX_VALUE);
    }

    /** Numbers from {@code least} on. */
    public static Bounds atLeast(double least) {
        return new Bounds(least, false, Double.POSITIVE_INFINITY);
    }

    /** Every number that is neither infinite nor NaN. */
    public static Bounds finite() {
        return new Bounds(-Double.MAX_VALUE, false, Double.MAX_VALUE);
    }

    /** Whether {@code value} is within. */
    public boolean contain(double value) {
        return (open ? value > least : value >= least) && value <= most;
    }

    /** As errors say it: {@code 1 to 1000}, {@code more than 0 and at most 1}, {@code 1 or more}, {@code finite}. */
    @Override
    public String toString() {
        if (least == -Double.MAX_VALUE && most == Double.MAX_VALUE) {
            return "finite";
        }
        if (most >= Double.MAX_VALUE) {
            return open ? "more than " + shown(least) : shown(least) + " or more";
        }
        return open ? "more than " + shown(least) + " and at most " + shown(most) : shown(least) + " to " + shown(most);
    }

    private static String shown(double value) {
        return Double.isInfinite(value)
                ? (value < 0 ? "-Infinity" : "Infinity")
                : new BigDecimal(value).stripTrailingZeros().toPlainString().length() > 20
                        ? Double.toString(value)
                        : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
