package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Random numbers that depend on keys alone, the same on every machine and in every Java: SplitMix64 (<a
 * href="https://doi.org/10.1145/2660193.2660195">Steele, Lea &amp; Flood 2014</a>), started from a hash of the keys. What
 * is drawn for (seed, epoch, index) does not depend on what was drawn for others before. Not for several threads.
 */
public final class Draws {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private static final double TO_UNIT = 0x1p-53;

    private long state;

    private Draws(long state) {
        this.state = state;
    }

    /** The stream of these keys; their order counts. */
    public static Draws of(long... keys) {
        long hash = keys.length;
        for (long key : keys) {
            hash = mixed((hash + GAMMA) ^ mixed(key + GAMMA));
        }
        return new Draws(hash);
    }

    /** Any of the 2^64 numbers. */
    public long bits() {
        state += GAMMA;
        return mixed(state);
    }

    private static long mixed(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }

    /** Uniform in [0, 1). */
    public double uniform() {
        return (bits() >>> 11) * TO_UNIT;
    }

    /** Uniform in [{@code from}, {@code to}). */
    public double uniform(double from, double to) {
        return from + (to - from) * uniform();
    }

    /** Uniform in 0 to {@code bound} - 1. */
    public int below(int bound) {
        checkArgument(bound > 0, "the bound is %s; expected 1 or more", bound);
        return (int) (((bits() >>> 32) * bound) >>> 32);
    }

    /** The numbers 0 to {@code size} - 1 in random order, every order equally likely. */
    public int[] order(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) { // inside out, so that no number is written twice
            int j = below(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
