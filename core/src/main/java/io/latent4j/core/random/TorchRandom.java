package io.latent4j.core.random;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;

/**
 * PyTorch's CPU generator: the same seed gives the same numbers, in the same order of calls.
 *
 * <p>The numbers are those of {@code torch.Generator("cpu").manual_seed(seed)} with {@code torch.randn} and
 * {@code torch.rand} of data type float32: for 16 or more values those of an x86-64 processor with AVX2, bit for bit; on
 * other processors PyTorch's own differ from these in the last places.
 *
 * <p>One generator serves one request. It is not safe for use by several threads at once.
 */
public final class TorchRandom implements NoiseSource {

    /** From this many values on PyTorch fills blocks; below, it draws one by one. */
    private static final int BLOCK = 16;

    /** Added as PyTorch adds it: it makes a negative zero positive. */
    private static final float MEAN = 0;

    private static final float TWO_PI = (float) (2 * Math.PI);

    private final Mt19937 bits;
    private final BrownianTree motion;
    private double cached;
    private boolean hasCached;

    /** Starts the sequence of a seed. Like PyTorch, the generator knows only the lower 32 bits of it. */
    public TorchRandom(long seed) {
        bits = new Mt19937((int) seed);
        motion = new BrownianTree(seed);
    }

    /** Draws {@code n} values uniform in [0, 1), multiples of 2^-24: {@code torch.rand(n)}. */
    public float[] uniform(int n) {
        checkArgument(n >= 0, "the number of values is %s; expected at least 0", n);
        float[] values = new float[n];
        fillUniform(values, 0);
        return values;
    }

    /**
     * Draws {@code n} independent values of N(0, 1): {@code torch.randn(n)}.
     *
     * <p>As there, two calls do not give what one call for their sum gives.
     */
    public float[] normal(int n) {
        checkArgument(n >= 0, "the number of values is %s; expected at least 0", n);
        float[] values = new float[n];
        if (n < BLOCK) {
            for (int i = 0; i < n; i++) {
                values[i] = (float) nextNormal();
            }
            return values;
        }
        fillUniform(values, 0);
        for (int i = 0; i <= n - BLOCK; i += BLOCK) {
            boxMuller(values, i);
        }
        if (n % BLOCK != 0) { // the last 16 are drawn anew, over values of the block before
            fillUniform(values, n - BLOCK);
            boxMuller(values, n - BLOCK);
        }
        return values;
    }

    /** Draws {@code torch.rand} of a shape: a float32 array on the manager's device, which the caller closes. */
    public NDArray uniform(NDManager manager, Shape shape) {
        return manager.create(uniform(Math.toIntExact(shape.size())), shape);
    }

    /** Draws {@code torch.randn} of a shape: a float32 array on the manager's device, which the caller closes. */
    public NDArray normal(NDManager manager, Shape shape) {
        return manager.create(normal(Math.toIntExact(shape.size())), shape);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Values are drawn as float32 and rounded where {@code latents} has a shorter type.
     */
    @Override
    public NDArray like(NDArray latents) {
        return like(latents, normal(Math.toIntExact(latents.size())));
    }

    /**
     * {@inheritDoc}
     *
     * <p>The motion is of the whole seed, all 64 bits, and of nothing that PyTorch has.
     */
    @Override
    public NDArray between(NDArray latents, double from, double to) {
        return like(latents, between(Math.toIntExact(latents.size()), from, to));
    }

    /** {@code n} values as {@link #between(NDArray, double, double)} gives them. */
    float[] between(int n, double from, double to) {
        return motion.normal(n, from, to);
    }

    /** An array of the given values with the shape, data type, device and manager of {@code latents}. */
    static NDArray like(NDArray latents, float[] values) {
        NDArray noise = latents.getManager().create(values, latents.getShape());
        if (latents.getDataType() == DataType.FLOAT32) {
            return noise;
        }
        try (noise) {
            return Ops.cast(noise, latents.getDataType());
        }
    }

    private void fillUniform(float[] values, int from) {
        for (int i = from; i < values.length; i++) {
            values[i] = (bits.nextInt() & 0xffffff) * 0x1p-24f;
        }
    }

    /** Turns 16 uniform values into 16 normal ones, the upper eight being the angles of the lower. */
    private static void boxMuller(float[] values, int from) {
        for (int i = from; i < from + BLOCK / 2; i++) {
            float radius = (float) Math.sqrt(-2 * FloatFunctions.log(1 - values[i]));
            float angle = TWO_PI * values[i + BLOCK / 2];
            values[i] = radius * FloatFunctions.cos(angle) + MEAN;
            values[i + BLOCK / 2] = radius * FloatFunctions.sin(angle) + MEAN;
        }
    }

    /** One normal value in double precision; the second of each pair waits, even across calls with blocks between. */
    private double nextNormal() {
        if (hasCached) {
            hasCached = false;
            return cached;
        }
        double u1 = nextDouble();
        double u2 = nextDouble();
        double radius = Math.sqrt(-2 * Math.log1p(-u2));
        cached = radius * Math.sin(2 * Math.PI * u1);
        hasCached = true;
        return radius * Math.cos(2 * Math.PI * u1);
    }

    /** Uniform in [0, 1), a multiple of 2^-53 made of two draws, the first the upper. */
    private double nextDouble() {
        long upper = (long) bits.nextInt() << 32;
        long lower = Integer.toUnsignedLong(bits.nextInt());
        return ((upper | lower) & ((1L << 53) - 1)) * 0x1p-53;
    }
}
