package io.latent4j.training.data.scenes;

import static com.google.common.base.Preconditions.checkArgument;

import io.latent4j.training.data.Draws;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws scenes, antialiased. One figure is within 6% of the side of the middle, in its size's radius, or in one of the two
 * at random. Of two, each has radius 21%; their centres are at 26% and 74% along the axis of the relation, within 1%, and
 * within 6% of the middle across it.
 */
final class ScenePainter {
    private static final double JITTER = 0.06;
    private static final double JITTER_ALONG = 0.01;
    private static final double FIRST_OF_TWO = 0.26;
    private static final double SECOND_OF_TWO = 0.74;
    private static final double RADIUS_OF_TWO = 0.21;

    /** A figure and where it is; numbers are shares of the side. */
    private record Placed(Thing thing, double x, double y, double radius) {}

    private ScenePainter() {}

    static BufferedImage paint(Scene scene, int side, Draws draws) {
        checkArgument(side > 0, "the side is %s pixels; expected 1 or more", side);
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(scene.background().color());
        graphics.fillRect(0, 0, side, side);
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        for (Placed placed : placed(scene, draws)) {
            graphics.setColor(placed.thing().colour().color());
            graphics.fill(
                    Outline.of(placed.thing().figure(), side * placed.x(), side * placed.y(), side * placed.radius()));
        }
        graphics.dispose();
        return image;
    }

    private static List<Placed> placed(Scene scene, Draws draws) {
        if (scene.relation().isEmpty()) {
            return List.of(alone(scene.things().get(0), draws));
        }
        Relation relation = scene.relation().get();
        List<Placed> placed = new ArrayList<>();
        for (Thing thing : scene.things()) {
            boolean upperOrLeft = placed.isEmpty() == relation.firstComesFirst();
            double along = near(upperOrLeft ? FIRST_OF_TWO : SECOND_OF_TWO, JITTER_ALONG, draws);
            double across = near(0.5, JITTER, draws);
            placed.add(new Placed(
                    thing,
                    relation.isVertical() ? across : along,
                    relation.isVertical() ? along : across,
                    RADIUS_OF_TWO));
        }
        return placed;
    }

    private static Placed alone(Thing thing, Draws draws) {
        Size size = thing.size().orElseGet(() -> draws.below(2) == 0 ? Size.SMALL : Size.BIG);
        return new Placed(thing, near(0.5, JITTER, draws), near(0.5, JITTER, draws), size.radius());
    }

    private static double near(double place, double jitter, Draws draws) {
        return draws.uniform(place - jitter, place + jitter);
    }
}
