package io.latent4j.core.random;

/**
 * Logarithm, sine and cosine in float arithmetic, rounded exactly as in the vector code of PyTorch's generator.
 *
 * <p>The polynomials are those of S. L. Moshier's Cephes library in single precision. Which multiplications and additions
 * share one rounding ({@code fma}) is what compilers make of PyTorch's source for x86-64 processors with AVX2; the
 * results are equal bit for bit, where the functions of {@link Math} would differ by a few units in the last place.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // the constants in their published digits
final class FloatFunctions {

    private static final float[] LOG = {
        7.0376836292e-2f,
        -1.1514610310e-1f,
        1.1676998740e-1f,
        -1.2420140846e-1f,
        1.4249322787e-1f,
        -1.6668057665e-1f,
        2.0000714765e-1f,
        -2.4999993993e-1f,
        3.3333331174e-1f
    };
    private static final float[] SIN = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};
    private static final float[] COS = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};

    private static final float SQRT_HALF = 0.70710678f;
    private static final float LN2_UPPER = 0.693359375f;
    private static final float LN2_LOWER = -2.12194440e-4f;
    private static final float FOUR_OVER_PI = 1.27323954473516f;

    /** Minus pi/4 in three parts, the first two of few bits, so that multiples of them are exact. */
    private static final float[] MINUS_QUARTER_PI = {-0.78515625f, -2.4187564849853515625e-4f, -3.77489497744594108e-8f
    };

    private FloatFunctions() {}

    /** Natural logarithm of a positive normal number. */
    static float log(float value) {
        int exponent = Math.getExponent(value) + 1; // value = mantissa * 2^exponent, mantissa in [0.5, 1)
        float mantissa = Math.scalb(value, -exponent);
        if (mantissa < SQRT_HALF) {
            exponent--;
            mantissa = mantissa - 1 + mantissa;
        } else {
            mantissa -= 1;
        }
        float x = mantissa; // log(1 + x), sqrt(1/2) - 1 <= x < sqrt(2) - 1
        float z = x * x;
        float y = polynomial(LOG, x) * x;
        y = Math.fma(y, z, exponent * LN2_LOWER);
        y = Math.fma(-z, 0.5f, y);
        return Math.fma(exponent, LN2_UPPER, x + y);
    }

    /** Sine of an angle from 0 to 2 pi. */
    static float sin(float angle) {
        int octant = octant(angle);
        float x = reduced(angle, octant);
        float sine = (octant & 2) == 0 ? sinNearZero(x) : cosNearZero(x);
        return (octant & 4) == 0 ? sine : -sine;
    }

    /** Cosine of an angle from 0 to 2 pi. */
    static float cos(float angle) {
        int octant = octant(angle);
        float x = reduced(angle, octant);
        float cosine = (octant & 2) == 0 ? cosNearZero(x) : sinNearZero(x);
        return ((octant + 2) & 4) == 0 ? cosine : -cosine;
    }

    /** The even multiple of pi/4 that is nearest to the angle. */
    private static int octant(float angle) {
        return ((int) (angle * FOUR_OVER_PI) + 1) & ~1;
    }

    /** The angle less its octant: from -pi/4 to pi/4. */
    private static float reduced(float angle, int octant) {
        float x = angle;
        for (float part : MINUS_QUARTER_PI) {
            x = Math.fma(octant, part, x);
        }
        return x;
    }

    private static float sinNearZero(float x) {
        float z = x * x;
        return Math.fma(polynomial(SIN, z) * z, x, x);
    }

    private static float cosNearZero(float x) {
        float z = x * x;
        return Math.fma(polynomial(COS, z) * z, z, -(z * 0.5f)) + 1;
    }

    private static float polynomial(float[] coefficients, float x) {
        float y = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            y = Math.fma(y, x, coefficients[i]);
        }
        return y;
    }
}
