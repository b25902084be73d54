package io.latent4j.core.random;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Brownian motion W at all times above 0, as many independent paths at once as are asked for. One seed is one motion,
 * whatever times are asked for and in whatever order.
 *
 * <p>Time falls into octaves from 2^k to 2^(k+1), each with an increment of its own, which Lévy's construction halves
 * until the time is met (the virtual tree of <a href="https://arxiv.org/abs/2001.01328">Li et al. 2020</a>). What an
 * octave or a midpoint adds is drawn from a seed that hashes its place, so nothing has to be kept; the last four times
 * asked for are, because the next stretch often begins where one has ended. A new time costs about 20 draws. Times are
 * told apart to a relative 2^-20.
 *
 * <p>Not safe for use by several threads at once.
 */
final class BrownianTree {
    private static final int DEPTH = 20;
    private static final int RECENT = 4;

    private final long seed;
    private final Map<Point, double[]> recent = new LinkedHashMap<>();

    /** So many paths at a time. */
    private record Point(int n, double time) {}

    BrownianTree(long seed) {
        this.seed = seed;
    }

    /** {@code n} values of N(0, 1): (W({@code to}) − W({@code from})) / √|to − from|. */
    float[] normal(int n, double from, double to) {
        double first = onGrid(from);
        double last = onGrid(to);
        checkArgument(
                first != last, "the times %s and %s are the same to 6 digits; expected two different ones", from, to);
        double[] increment = increment(n, Math.min(first, last), Math.max(first, last));
        double scale = Math.signum(last - first) / Math.sqrt(Math.abs(last - first));
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (increment[i] * scale);
        }
        return values;
    }

    private static double onGrid(double time) {
        checkArgument(
                time > Float.MIN_NORMAL && time < Float.MAX_VALUE,
                "the time is %s; expected above %s and below %s",
                time,
                Float.MIN_NORMAL,
                Float.MAX_VALUE);
        double cell = Math.scalb(1.0, Math.getExponent(time) - DEPTH);
        return Math.rint(time / cell) * cell;
    }

    private double[] increment(int n, double low, double high) {
        double[] sum = new double[n];
        for (int octave = Math.getExponent(low); octave < Math.getExponent(high); octave++) {
            add(sum, 1, whole(n, octave));
        }
        add(sum, 1, recent(new Point(n, high)));
        add(sum, -1, recent(new Point(n, low)));
        return sum;
    }

    private double[] recent(Point point) {
        double[] sum = recent.containsKey(point) ? recent.remove(point) : sinceOctave(point.n, point.time);
        recent.put(point, sum); // the newest last
        if (recent.size() > RECENT) {
            recent.remove(recent.keySet().iterator().next());
        }
        return sum;
    }

    /** W({@code time}) less W at the start of its octave. */
    private double[] sinceOctave(int n, double time) {
        int octave = Math.getExponent(time);
        double left = Math.scalb(1.0, octave);
        double length = left;
        double[] increment = whole(n, octave);
        double[] sum = new double[n];
        long place = 1;
        while (left < time) {
            double[] half = draw(n, octave, 2 * place, Math.sqrt(length) / 2);
            add(half, 0.5, increment);
            length /= 2;
            place *= 2;
            if (time < left + length) {
                increment = half;
            } else {
                add(sum, 1, half);
                add(increment, -1, half);
                left += length;
                place++;
            }
        }
        return sum;
    }

    /** What W gains in an octave, whose length is 2^{@code octave}. */
    private double[] whole(int n, int octave) {
        return draw(n, octave, 1, Math.sqrt(Math.scalb(1.0, octave)));
    }

    /** {@code n} values of N(0, {@code std}²) that belong to a place of the tree. */
    private double[] draw(int n, int octave, long place, double std) {
        long hash = Hashing.murmur3_128()
                .newHasher()
                .putLong(seed)
                .putInt(octave)
                .putLong(place)
                .hash()
                .asLong();
        float[] normal = new TorchRandom(hash).normal(n);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = normal[i] * std;
        }
        return values;
    }

    private static void add(double[] sum, double factor, double[] values) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * values[i];
        }
    }
}
