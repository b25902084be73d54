package io.latent4j.training.data.scenes;

import java.awt.Color;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * A colour as it looks: CIE L*a*b* of an sRGB colour under D65, in which equal distances look about equally different. Of
 * distances here lightness counts half, because shading changes it first.
 */
record Lab(double l, double a, double b) {
    private static final double LIGHTNESS_WEIGHT = 0.5;

    static Lab of(double red, double green, double blue) {
        double r = linear(red / 255);
        double g = linear(green / 255);
        double b = linear(blue / 255);
        double x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        double y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
        double z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        return new Lab(116 * y - 16, 500 * (x - y), 200 * (y - z));
    }

    static Lab of(Color color) {
        return of(color.getRed(), color.getGreen(), color.getBlue());
    }

    private static double linear(double level) {
        return level <= 0.04045 ? level / 12.92 : Math.pow((level + 0.055) / 1.055, 2.4);
    }

    private static double root(double t) {
        return t > 216.0 / 24389 ? Math.cbrt(t) : t * 24389 / 27 / 116 + 16.0 / 116;
    }

    double distance(Lab other) {
        double dl = LIGHTNESS_WEIGHT * (l - other.l);
        double da = a - other.a;
        double db = b - other.b;
        return Math.sqrt(dl * dl + da * da + db * db);
    }

    /** The key whose colour is nearest, if it is nearer than {@code limit}. */
    <T> Optional<T> nearest(Map<T, Lab> palette, double limit) {
        return palette.entrySet().stream()
                .filter(entry -> distance(entry.getValue()) < limit)
                .min(Comparator.comparingDouble(entry -> distance(entry.getValue())))
                .map(Map.Entry::getKey);
    }
}
