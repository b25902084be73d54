package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.core.ops.Ops;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rotary position embedding (<a href="https://arxiv.org/abs/2104.09864">Su et al. 2021</a>) on several axes: each has some
 * of a head's channels, whose pairs turn by {@code position · theta^(−2i / channels)}.
 *
 * @param axes channels of each axis, even numbers
 * @param theta the slowest pair turns once in 2π times about this
 * @param roundsAngles whether angles are rounded to float32 before they become cosines and sines, as Z-Image's are
 */
public record RotaryEmbedding(List<Integer> axes, double theta, boolean roundsAngles) {

    public RotaryEmbedding {
        axes = List.copyOf(axes);
        if (axes.stream().anyMatch(channels -> channels % 2 != 0)) {
            throw new IllegalArgumentException("axes have " + axes + " channels; expected even numbers");
        }
    }

    /**
     * The channels of each axis that {@code key} lists, or {@code absent}.
     *
     * @throws IllegalArgumentException if they are not even, or not {@code headDim} together
     */
    public static List<Integer> axes(Config json, String key, List<Integer> absent, int headDim) {
        List<Integer> axes = json.integers(key, NetworkBounds.WIDTH, absent.size(), absent);
        long sum = axes.stream().mapToLong(Integer::longValue).sum();
        if (sum != headDim || axes.stream().anyMatch(channels -> channels % 2 != 0)) {
            json.refuse(
                    key, "is " + axes + "; expected even numbers whose sum is " + headDim + ", the channels of a head");
        }
        return axes;
    }

    /** Cosine and sine of each pair's angle, (tokens, channels / 2, 2) in float32, on the device of {@code like}. */
    public NDArray table(Positions positions, NDArray like) {
        if (positions.axes() != axes.size()) {
            throw new IllegalArgumentException("positions have " + positions.axes() + " axes; expected " + axes.size());
        }
        int row = axes.stream().mapToInt(Integer::intValue).sum();
        float[] table = new float[Math.multiplyExact(positions.tokens(), row)];
        int first = 0;
        for (int axis = 0; axis < axes.size(); axis++) {
            int channels = axes.get(axis);
            Map<Float, float[]> known = new HashMap<>(); // positions are few
            for (int token = 0; token < positions.tokens(); token++) {
                float[] turns = known.computeIfAbsent(positions.at(token, axis), at -> turns(at, channels));
                System.arraycopy(turns, 0, table, token * row + first, channels);
            }
            first += channels;
        }
        return Ops.array(like.getManager(), table, new Shape(positions.tokens(), row / 2, 2));
    }

    private float[] turns(float position, int channels) {
        float[] turns = new float[channels];
        for (int i = 0; i < channels; i += 2) {
            double angle = position * Math.pow(theta, -(double) i / channels);
            double rounded = roundsAngles ? (float) angle : angle;
            turns[i] = (float) Math.cos(rounded);
            turns[i + 1] = (float) Math.sin(rounded);
        }
        return turns;
    }
}
