package io.latent4j.training.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A figure against the steps, as a few hundred points to draw. Its values are above 0. */
final class Curve {
    /** Without a point. */
    static final Curve EMPTY = new Curve(List.of());

    private static final int MOST_POINTS = 600;
    private static final int REACH = 25; // one in so many points is averaged over on either side

    private final List<Point> points;

    private Curve(List<Point> points) {
        this.points = points;
    }

    private record Point(double step, double value) {}

    /** The figure {@code name} of {@code rows} where it is above 0; neighbours are averaged where there are too many. */
    static Curve of(List<Map<String, String>> rows, String name) {
        List<Point> all = new ArrayList<>();
        for (Map<String, String> row : rows) {
            double value = Double.parseDouble(row.getOrDefault(name, "0"));
            if (value > 0 && Double.isFinite(value)) {
                all.add(new Point(Double.parseDouble(row.get("step")), value));
            }
        }
        int each = Math.max(1, (all.size() + MOST_POINTS - 1) / MOST_POINTS);
        List<Point> points = new ArrayList<>();
        for (int from = 0; from < all.size(); from += each) {
            List<Point> together = all.subList(from, Math.min(all.size(), from + each));
            double mean = together.stream().mapToDouble(Point::value).average().orElseThrow();
            points.add(new Point(together.get(together.size() - 1).step, mean));
        }
        return new Curve(points);
    }

    /** The points of all {@code curves}. */
    static Curve joined(List<Curve> curves) {
        return new Curve(curves.stream().flatMap(curve -> curve.points.stream()).toList());
    }

    /** The mean of each point's neighbours, as many on either side, on a logarithmic scale. */
    Curve smoothed() {
        int reach = points.size() / REACH;
        List<Point> smooth = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            int near = Math.min(reach, Math.min(i, points.size() - 1 - i));
            double mean = points.subList(i - near, i + near + 1).stream()
                    .mapToDouble(point -> Math.log(point.value))
                    .average()
                    .orElseThrow();
            smooth.add(new Point(points.get(i).step, Math.exp(mean)));
        }
        return new Curve(smooth);
    }

    /** Whether there are two points to draw a line between. */
    boolean isLine() {
        return points.size() > 1;
    }

    int size() {
        return points.size();
    }

    double step(int index) {
        return points.get(index).step;
    }

    double value(int index) {
        return points.get(index).value;
    }

    double firstStep() {
        return points.isEmpty() ? 0 : points.get(0).step;
    }

    double lastStep() {
        return points.isEmpty() ? 0 : points.get(points.size() - 1).step;
    }

    double least() {
        return points.stream().map(Point::value).min(Comparator.naturalOrder()).orElseThrow();
    }

    double most() {
        return points.stream().map(Point::value).max(Comparator.naturalOrder()).orElseThrow();
    }
}
