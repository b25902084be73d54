package io.latent4j.training.data.scenes;

import com.google.common.collect.Maps;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How well a figure covers a blob: their common area as a share of what either covers, at the place and radius where that
 * is largest.
 *
 * @param x of the middle, in pixels
 * @param y of the middle, in pixels
 * @param radius in pixels
 * @param overlap 0 to 1
 */
record FigureFit(Figure figure, double x, double y, double radius, double overlap) {
    private static final double CLOSE = 0.2; // more than any figure gains by climbing
    private static final double COARSEST = 0.08; // steps, in radii
    private static final double FINEST = 0.01;

    /** Finds the figure that fits best: those that fit well from the start are moved and stretched until none fits better. */
    static FigureFit best(Blob blob) {
        Mask mask = new Mask(blob);
        List<FigureFit> starts = Stream.of(Figure.values())
                .map(figure -> start(figure, blob, mask))
                .toList();
        double best = starts.stream().mapToDouble(FigureFit::overlap).max().orElseThrow();
        return starts.stream()
                .filter(start -> start.overlap > best - CLOSE)
                .map(start -> climb(start, mask))
                .max(Comparator.comparingDouble(FigureFit::overlap))
                .orElseThrow();
    }

    /** At the place and radius of equal centre and area. */
    private static FigureFit start(Figure figure, Blob blob, Mask mask) {
        Stencil stencil = Stencil.of(figure);
        double radius = Math.sqrt(blob.area() / stencil.area);
        return mask.fit(figure, blob.x() - radius * stencil.centreX, blob.y() - radius * stencil.centreY, radius);
    }

    private static FigureFit climb(FigureFit start, Mask mask) {
        FigureFit fit = start;
        for (double step = COARSEST; step > FINEST; ) {
            FigureFit better = neighbours(fit, step * start.radius)
                    .map(f -> mask.fit(f.figure, f.x, f.y, f.radius))
                    .max(Comparator.comparingDouble(FigureFit::overlap))
                    .orElseThrow();
            if (better.overlap > fit.overlap) {
                fit = better;
            } else {
                step /= 2;
            }
        }
        return fit;
    }

    private static Stream<FigureFit> neighbours(FigureFit f, double step) {
        return Stream.of(
                new FigureFit(f.figure, f.x - step, f.y, f.radius, 0),
                new FigureFit(f.figure, f.x + step, f.y, f.radius, 0),
                new FigureFit(f.figure, f.x, f.y - step, f.radius, 0),
                new FigureFit(f.figure, f.x, f.y + step, f.radius, 0),
                new FigureFit(f.figure, f.x, f.y, f.radius - step, 0),
                new FigureFit(f.figure, f.x, f.y, f.radius + step, 0));
    }

    /** The blob in a rectangle with room around it. */
    private static final class Mask {
        private final Rectangle area;
        private final boolean[] inside;
        private final int count;

        Mask(Blob blob) {
            area = blob.bounds();
            area.grow(area.width / 4 + 1, area.height / 4 + 1);
            inside = new boolean[area.width * area.height];
            count = blob.area();
            for (int pixel : blob.pixels()) {
                inside[(pixel / blob.width() - area.y) * area.width + pixel % blob.width() - area.x] = true;
            }
        }

        FigureFit fit(Figure figure, double x, double y, double radius) {
            Stencil stencil = Stencil.of(figure);
            int[] columns = IntStream.range(0, area.width)
                    .map(k -> Stencil.cell((area.x + k + 0.5 - x) / radius))
                    .toArray();
            double common = 0;
            double covered = 0;
            for (int j = 0; j < area.height; j++) {
                int row = Stencil.cell((area.y + j + 0.5 - y) / radius);
                for (int k = 0; row >= 0 && k < area.width; k++) {
                    if (columns[k] >= 0) {
                        float level = stencil.levels[row * Stencil.SIDE + columns[k]];
                        covered += level;
                        common += inside[j * area.width + k] ? level : 0;
                    }
                }
            }
            return new FigureFit(figure, x, y, radius, common / (count + covered - common));
        }
    }

    /** A figure of radius 1, sampled finely, with edges as soft as those of a small figure's pixels. */
    private static final class Stencil {
        private static final int SIDE = 96;
        private static final double REACH = 1.2; // covers [-1.2, 1.2] both ways
        private static final Map<Figure, Stencil> ALL =
                Stream.of(Figure.values()).collect(Maps.toImmutableEnumMap(Function.identity(), Stencil::new));

        private final float[] levels;
        private final double area;
        private final double centreX;
        private final double centreY;

        static Stencil of(Figure figure) {
            return ALL.get(figure);
        }

        private Stencil(Figure figure) {
            double scale = SIDE / (2 * REACH);
            BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
            Graphics2D graphics = image.createGraphics();
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.fill(Outline.of(figure, SIDE / 2.0, SIDE / 2.0, scale));
            graphics.dispose();
            levels = image.getData().getSamples(0, 0, SIDE, SIDE, 0, new float[SIDE * SIDE]);
            double sum = 0;
            double sumX = 0;
            double sumY = 0;
            for (int i = 0; i < levels.length; i++) {
                levels[i] /= 255;
                sum += levels[i];
                sumX += levels[i] * ((i % SIDE + 0.5) / scale - REACH);
                int row = i / SIDE;
                sumY += levels[i] * ((row + 0.5) / scale - REACH);
            }
            area = sum / (scale * scale);
            centreX = sumX / sum;
            centreY = sumY / sum;
        }

        /** The row or column that a coordinate falls into; -1 outside. */
        static int cell(double coordinate) {
            int cell = (int) Math.floor((coordinate + REACH) * SIDE / (2 * REACH));
            return cell < SIDE ? Math.max(-1, cell) : -1;
        }
    }
}
