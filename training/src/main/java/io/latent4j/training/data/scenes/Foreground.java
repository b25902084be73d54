package io.latent4j.training.data.scenes;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** An image apart in its background, which is the colour along its edge, and what stands out from it. */
final class Foreground {
    /** RGB distance from the background from which a pixel stands out; the palette's smallest is 93. */
    private static final double STANDS_OUT = 40;

    /** Share of the image that a blob covers at least; the smallest figure covers 5%. */
    private static final double LEAST_AREA = 0.008;

    /** No figure is so long that one side is this many times the other: two that touch are. */
    private static final double LONG = 1.6;

    private final int[] rgb;
    private final int width;
    private final int height;
    private final int[] background; // red, green, blue
    private final double[] distance;

    Foreground(BufferedImage image) {
        width = image.getWidth();
        height = image.getHeight();
        rgb = image.getRGB(0, 0, width, height, null, 0, width);
        background = medianAlongEdge();
        distance = IntStream.range(0, rgb.length).mapToDouble(this::distance).toArray();
    }

    private int[] medianAlongEdge() {
        int[] edge = IntStream.range(0, rgb.length)
                .filter(i -> i / width == 0 || i / width == height - 1 || i % width == 0 || i % width == width - 1)
                .toArray();
        return IntStream.range(0, 3)
                .map(channel -> IntStream.of(edge)
                        .map(i -> level(i, channel))
                        .sorted()
                        .skip(edge.length / 2)
                        .findFirst()
                        .orElseThrow())
                .toArray();
    }

    private int level(int pixel, int channel) {
        return (rgb[pixel] >> (16 - 8 * channel)) & 255;
    }

    private double distance(int pixel) {
        double sum = 0;
        for (int channel = 0; channel < 3; channel++) {
            double d = level(pixel, channel) - background[channel];
            sum += d * d;
        }
        return Math.sqrt(sum);
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** The background's colour. */
    Lab background() {
        return Lab.of(background[0], background[1], background[2]);
    }

    /** A pixel's colour. */
    Lab colour(int pixel) {
        return Lab.of(level(pixel, 0), level(pixel, 1), level(pixel, 2));
    }

    /** The pixels of {@code blob} that are hardly mixed with the background, a tenth of them at least. */
    int[] core(Blob blob) {
        double typical = quantile(blob, 0.9);
        return IntStream.of(blob.pixels())
                .filter(pixel -> distance[pixel] >= 0.75 * typical)
                .toArray();
    }

    /** What stands out, the largest first; specks do not count. */
    List<Blob> blobs() {
        List<Blob> blobs = new ArrayList<>();
        for (Blob soft : connected(allPixels(), pixel -> distance[pixel] > STANDS_OUT)) {
            for (Blob part : apart(soft)) {
                double half = Math.max(STANDS_OUT, 0.5 * quantile(part, 0.75)); // where an edge is half covered
                blobs.addAll(connected(part.pixels(), pixel -> distance[pixel] > half));
            }
        }
        blobs.sort(Comparator.comparingInt(Blob::area).reversed());
        return blobs;
    }

    private int[] allPixels() {
        return IntStream.range(0, rgb.length).toArray();
    }

    private double quantile(Blob blob, double share) {
        double[] sorted = IntStream.of(blob.pixels())
                .mapToDouble(pixel -> distance[pixel])
                .sorted()
                .toArray();
        return sorted[(int) (share * (sorted.length - 1))];
    }

    /** The connected parts, along edges of pixels, of those of {@code pixels} that {@code inside} holds for. */
    private List<Blob> connected(int[] pixels, IntPredicate inside) {
        boolean[] open = new boolean[rgb.length];
        IntStream.of(pixels).filter(inside).forEach(pixel -> open[pixel] = true);
        List<Blob> blobs = new ArrayList<>();
        for (int start : pixels) {
            if (open[start]) {
                int[] filled = fill(start, open);
                if (filled.length >= LEAST_AREA * rgb.length) {
                    blobs.add(new Blob(filled, width));
                }
            }
        }
        return blobs;
    }

    private int[] fill(int start, boolean[] open) {
        IntStream.Builder filled = IntStream.builder();
        Deque<Integer> next = new ArrayDeque<>();
        open[start] = false;
        next.add(start);
        while (!next.isEmpty()) {
            int pixel = next.remove();
            filled.add(pixel);
            int x = pixel % width;
            int y = pixel / width;
            take(x > 0, pixel - 1, open, next);
            take(x < width - 1, pixel + 1, open, next);
            take(y > 0, pixel - width, open, next);
            take(y < height - 1, pixel + width, open, next);
        }
        return filled.build().toArray();
    }

    private static void take(boolean exists, int pixel, boolean[] open, Deque<Integer> next) {
        if (exists && open[pixel]) {
            open[pixel] = false;
            next.add(pixel);
        }
    }

    /** Two figures that touch, cut where they are thinnest; one figure as it is. */
    private List<Blob> apart(Blob blob) {
        Rectangle bounds = blob.bounds();
        boolean wide = bounds.width >= LONG * bounds.height;
        if (!wide && bounds.height < LONG * bounds.width) {
            return List.of(blob);
        }
        int from = wide ? bounds.x : bounds.y;
        int length = wide ? bounds.width : bounds.height;
        int[] across = new int[length];
        IntStream.of(blob.pixels()).forEach(pixel -> across[place(pixel, wide) - from]++);
        int cut = from
                + IntStream.range(length / 3, length - length / 3)
                        .boxed()
                        .min(Comparator.comparingInt(i -> across[i]))
                        .orElse(length / 2);
        List<Blob> parts = connected(blob.pixels(), pixel -> place(pixel, wide) != cut);
        return parts.size() == 2 ? parts : List.of(blob);
    }

    private int place(int pixel, boolean wide) {
        return wide ? pixel % width : pixel / width;
    }
}
