package io.latent4j.schedulers.continuous;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import java.util.Arrays;

/**
 * Directions along which the divergence of a field is measured. Their mean of {@code ε εᵀ} is the unit matrix, so the mean
 * of {@code εᵀ J ε} is the trace of J (Hutchinson 1990).
 */
@FunctionalInterface
public interface Probes {

    /** K directions for each image of {@code x}, (N, …): (K · N, …), the first N those of the images in order. */
    NDArray like(NDArray x);

    /** {@code count} random directions of signs alone: of all estimates the one of least variance. */
    static Probes rademacher(long seed, int count) {
        return x -> {
            float[] signs = new TorchRandom(seed).uniform(Math.toIntExact(check(count) * x.size()));
            double[] values = new double[signs.length];
            for (int i = 0; i < signs.length; i++) {
                values[i] = signs[i] < 0.5 ? -1 : 1;
            }
            return shaped(values, x, count);
        };
    }

    /** {@code count} random directions of N(0, 1) values. */
    static Probes gaussian(long seed, int count) {
        return x -> {
            float[] normal = new TorchRandom(seed).normal(Math.toIntExact(check(count) * x.size()));
            double[] values = new double[normal.length];
            Arrays.setAll(values, i -> normal[i]);
            return shaped(values, x, count);
        };
    }

    /** The axes themselves: exact, at the cost of a direction for each value of an image. For tiny data. */
    static Probes exact() {
        return x -> {
            int size = Math.toIntExact(x.size());
            int each = size / Math.toIntExact(x.getShape().get(0));
            double[] values = new double[Math.multiplyExact(each, size)];
            for (int i = 0; i < size; i++) {
                values[i % each * size + i] = Math.sqrt(each); // whose mean outer product is the unit matrix
            }
            return shaped(values, x, each);
        };
    }

    private static NDArray shaped(double[] values, NDArray x, int count) {
        long[] sides = x.getShape().getShape().clone();
        sides[0] *= count;
        return Values.array(values, new Shape(sides), x);
    }

    private static long check(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of probes is " + count + "; expected 1 or more");
        }
        return count;
    }
}
