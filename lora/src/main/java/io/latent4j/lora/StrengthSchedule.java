package io.latent4j.lora;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * By what an adapter's strength is multiplied on the way through a run: straight lines between points, and before the first
 * and after the last their values.
 *
 * @param points by the fraction of the denoising trajectory that has passed, from 0 at the first step to 1 at the last; none for a factor of 1
 */
public record StrengthSchedule(SortedMap<Double, Double> points) {
    /** The same strength in all steps. */
    public static final StrengthSchedule CONSTANT = new StrengthSchedule(ImmutableSortedMap.of());

    public StrengthSchedule {
        points = ImmutableSortedMap.copyOfSorted(points);
        points.forEach((at, factor) -> {
            if (!(at >= 0 && at <= 1)) {
                throw new IllegalArgumentException(
                        "the schedule of a strength has a point at " + at + " of the way; expected 0 to 1");
            }
        });
    }

    /** The schedule through {@code points}, in any order. */
    public static StrengthSchedule of(Map<Double, Double> points) {
        return new StrengthSchedule(ImmutableSortedMap.copyOf(points));
    }

    /** Whether all steps have the same strength. */
    public boolean isConstant() {
        return points.isEmpty();
    }

    /** The factor for a step, counted from 0, of so many. */
    public double at(int step, int steps) {
        if (isConstant()) {
            return 1;
        }
        double way = steps > 1 ? (double) step / (steps - 1) : 0;
        if (way <= points.firstKey()) {
            return points.get(points.firstKey());
        }
        if (way >= points.lastKey()) {
            return points.get(points.lastKey());
        }
        double after = points.tailMap(way).firstKey();
        double before = points.headMap(way).lastKey();
        double share = (way - before) / (after - before);
        return (1 - share) * points.get(before) + share * points.get(after);
    }
}
