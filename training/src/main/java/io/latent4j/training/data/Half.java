package io.latent4j.training.data;

/** Numbers of 16 bits, IEEE 754 binary16. */
final class Half {
    private static final int EXPONENT_BIAS = 112; // 127 of a float, less 15
    private static final float LARGEST = 65504;

    private Half() {}

    /** Whether {@link #bits} keeps the number finite. */
    static boolean holds(float value) {
        return Math.abs(value) < LARGEST + 16; // from there on it would round to infinity
    }

    /** The nearest 16-bit number, to even in the middle. */
    static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return (short) (sign | 0x7e00); // not a number
        }
        if (magnitude < (EXPONENT_BIAS + 1) << 23) { // below 2^-14 the steps are 2^-24
            return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24));
        }
        int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
        int half = (rounded >>> 13) - (EXPONENT_BIAS << 10);
        return (short) (sign | Math.min(half, 0x7c00));
    }

    /** The number of these bits. */
    static float value(short bits) {
        int magnitude = bits & 0x7fff;
        float value;
        if (magnitude < 0x400) {
            value = magnitude * 0x1p-24f;
        } else if (magnitude < 0x7c00) {
            value = Float.intBitsToFloat((magnitude << 13) + (EXPONENT_BIAS << 23));
        } else {
            value = magnitude == 0x7c00 ? Float.POSITIVE_INFINITY : Float.NaN;
        }
        return bits < 0 ? -value : value;
    }
}
