package io.latent4j.training.data.scenes;

import java.awt.Rectangle;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Pixels that hang together.
 *
 * @param pixels indices, row by row, of an image of {@code width} pixels
 */
@SuppressWarnings("ArrayRecordComponent") // package-private, and never compared
record Blob(int[] pixels, int width) {

    int area() {
        return pixels.length;
    }

    /** Of the middle. */
    double x() {
        return mean(pixel -> pixel % width);
    }

    /** Of the middle. */
    double y() {
        return mean(pixel -> pixel / width);
    }

    private double mean(IntUnaryOperator coordinate) {
        return IntStream.of(pixels).map(coordinate).average().orElseThrow() + 0.5;
    }

    Rectangle bounds() {
        Rectangle bounds = new Rectangle(pixels[0] % width, pixels[0] / width, 1, 1);
        for (int pixel : pixels) {
            bounds.add(pixel % width, pixel / width); // to the pixel's upper left corner
            bounds.add(pixel % width + 1, pixel / width + 1);
        }
        return bounds;
    }
}
