package io.latent4j.core.weights;

/**
 * The 8-bit floating-point numbers of Micikevicius et al. 2022, arXiv:2209.05433, table 1.
 *
 * <p>Both have subnormal numbers. E4M3 has no infinities, which leaves it two NaN and a largest value of 448; E5M2 has
 * those of IEEE 754, as the upper half of a float16.
 */
final class Float8 {
    static final Float8 E4M3 = new Float8(3, 7, false);
    static final Float8 E5M2 = new Float8(2, 15, true);

    private final float[] values = new float[256];

    private Float8(int mantissaBits, int bias, boolean infinities) {
        for (int bits = 0; bits < values.length; bits++) {
            int exponent = (bits & 0x7f) >> mantissaBits;
            int mantissa = bits & ((1 << mantissaBits) - 1);
            int largest = (1 << (7 - mantissaBits)) - 1;
            int allMantissa = (1 << mantissaBits) - 1;
            double magnitude;
            if (exponent == largest && (infinities || mantissa == allMantissa)) {
                magnitude = infinities && mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            } else if (exponent == 0) {
                magnitude = Math.scalb((double) mantissa, 1 - bias - mantissaBits);
            } else {
                magnitude = Math.scalb((double) (mantissa + (1 << mantissaBits)), exponent - bias - mantissaBits);
            }
            values[bits] = (float) (bits >= 0x80 ? -magnitude : magnitude);
        }
    }

    /** The number that a byte stands for. */
    float value(byte bits) {
        return values[bits & 0xff];
    }
}
