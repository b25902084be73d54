package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.training.data.Draws;
import java.util.List;
import java.util.Map;

/**
 * The last losses at each part of the timesteps, and timesteps drawn by them: equation 18 of <a
 * href="https://arxiv.org/abs/2102.09672">Nichol &amp; Dhariwal 2021</a>.
 */
final class LossHistory {
    private static final int KEPT = 10;
    private static final double UNIFORM_SHARE = 0.001; // so that no timestep is given up

    private final int timesteps;
    private final int buckets;
    private final NDArray losses; // (buckets, KEPT), the newest last
    private final NDArray counts; // (buckets), at most KEPT

    /** An empty history of timesteps 0 to {@code timesteps − 1}. No scope may be open; {@code manager} owns its arrays. */
    LossHistory(int timesteps, int buckets, NDManager manager) {
        if (buckets > timesteps) {
            throw new IllegalArgumentException(
                    "buckets is " + buckets + "; expected at most the " + timesteps + " timesteps");
        }
        this.timesteps = timesteps;
        this.buckets = buckets;
        this.losses = manager.zeros(new Shape(buckets, KEPT));
        this.counts = manager.zeros(new Shape(buckets));
    }

    /** Whether there are enough losses of all timesteps to draw by. */
    boolean isFull() {
        for (float count : counts.toFloatArray()) {
            if (count < KEPT) {
                return false;
            }
        }
        return true;
    }

    /** The probability of each timestep: proportional to the root of its mean squared loss. */
    double[] probabilities() {
        float[] kept = losses.toFloatArray();
        double[] probabilities = new double[timesteps];
        double sum = 0;
        for (int t = 0; t < timesteps; t++) {
            int bucket = bucket(t);
            double squares = 0;
            for (int i = 0; i < KEPT; i++) {
                double loss = kept[bucket * KEPT + i];
                squares += loss * loss;
            }
            probabilities[t] = Math.sqrt(squares / KEPT);
            sum += probabilities[t];
        }
        for (int t = 0; t < timesteps; t++) {
            double share = sum > 0 ? probabilities[t] / sum : 1.0 / timesteps;
            probabilities[t] = (1 - UNIFORM_SHARE) * share + UNIFORM_SHARE / timesteps;
        }
        return probabilities;
    }

    /** {@code count} timesteps of these probabilities, independent of each other. */
    static int[] draw(Draws draws, int count, double... probabilities) {
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++) {
            double rest = draws.uniform();
            int t = 0;
            while (t < probabilities.length - 1 && rest >= probabilities[t]) {
                rest -= probabilities[t++];
            }
            drawn[i] = t;
        }
        return drawn;
    }

    /** Takes in the losses at {@code timesteps}. */
    void add(int[] timesteps, float... found) {
        float[] kept = losses.toFloatArray();
        float[] count = counts.toFloatArray();
        for (int i = 0; i < timesteps.length; i++) {
            int bucket = bucket(timesteps[i]);
            int from = bucket * KEPT;
            System.arraycopy(kept, from + 1, kept, from, KEPT - 1);
            kept[from + KEPT - 1] = found[i];
            count[bucket] = Math.min(KEPT, count[bucket] + 1);
        }
        write(losses, kept);
        write(counts, count);
    }

    private static void write(NDArray array, float... values) {
        try (NDManager manager = array.getManager().newSubManager()) {
            ParameterOps.copy(List.of(array), List.of(manager.create(values, array.getShape())));
        }
    }

    private int bucket(int timestep) {
        return (int) ((long) timestep * buckets / timesteps);
    }

    /** What it remembers, to be stored and to be written into. */
    Map<String, NDArray> state() {
        return Map.of("timestep_losses", losses, "timestep_counts", counts);
    }
}
