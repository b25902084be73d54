package io.latent4j.training.data.scenes;

import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;

/** What figures look like. Numbers are in units of a figure's radius, y downwards. */
final class Outline {
    private static final int STAR_POINTS = 5;
    private static final double STAR_INNER_RADIUS = 0.45;
    private static final double RING_INNER_RADIUS = 0.62;
    private static final double CROSS_HALF_WIDTH = 0.29;

    private Outline() {}

    /** The figure around (x, y), all in pixels. */
    static Shape of(Figure figure, double x, double y, double radius) {
        AffineTransform place = AffineTransform.getTranslateInstance(x, y);
        place.scale(radius, radius);
        return place.createTransformedShape(unit(figure));
    }

    private static Shape unit(Figure figure) {
        return switch (figure) {
            case CIRCLE -> new Ellipse2D.Double(-1, -1, 2, 2);
            case SQUARE -> new Rectangle2D.Double(-0.85, -0.85, 1.7, 1.7);
            case TRIANGLE -> polygon(0, -0.95, 0.98, 0.85, -0.98, 0.85);
            case STAR -> star();
            case RING -> ring();
            case CROSS -> cross();
            case HEART -> heart();
            case DIAMOND -> polygon(0, -1, 0.72, 0, 0, 1, -0.72, 0);
        };
    }

    /** @param points x and y in turn */
    private static Path2D polygon(double... points) {
        Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
        path.moveTo(points[0], points[1]);
        for (int i = 2; i < points.length; i += 2) {
            path.lineTo(points[i], points[i + 1]);
        }
        path.closePath();
        return path;
    }

    private static Path2D star() {
        double[] points = new double[4 * STAR_POINTS];
        for (int i = 0; i < 2 * STAR_POINTS; i++) {
            double radius = i % 2 == 0 ? 1 : STAR_INNER_RADIUS;
            double angle = Math.PI * i / STAR_POINTS;
            points[2 * i] = radius * Math.sin(angle);
            points[2 * i + 1] = -radius * Math.cos(angle);
        }
        return polygon(points);
    }

    private static Path2D ring() {
        double inner = RING_INNER_RADIUS;
        Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
        path.append(new Ellipse2D.Double(-1, -1, 2, 2), false);
        path.append(new Ellipse2D.Double(-inner, -inner, 2 * inner, 2 * inner), false);
        return path;
    }

    private static Path2D cross() {
        double w = CROSS_HALF_WIDTH;
        return polygon(-w, -1, w, -1, w, -w, 1, -w, 1, w, w, w, w, 1, -w, 1, -w, w, -1, w, -1, -w, -w, -w);
    }

    private static Path2D heart() {
        Path2D path = new Path2D.Double();
        path.moveTo(0, 0.95);
        path.curveTo(-0.35, 0.5, -1, 0.15, -1, -0.32);
        path.curveTo(-1, -0.62, -0.78, -0.8, -0.52, -0.8);
        path.curveTo(-0.28, -0.8, -0.08, -0.66, 0, -0.42);
        path.curveTo(0.08, -0.66, 0.28, -0.8, 0.52, -0.8);
        path.curveTo(0.78, -0.8, 1, -0.62, 1, -0.32);
        path.curveTo(1, 0.15, 0.35, 0.5, 0, 0.95);
        path.closePath();
        return path;
    }
}
