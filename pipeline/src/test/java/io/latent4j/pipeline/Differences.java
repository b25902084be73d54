package io.latent4j.pipeline;

import java.awt.image.BufferedImage;
import java.util.stream.IntStream;

/** How far apart two images of one size are, in grey levels. */
public final class Differences {
    private Differences() {}

    public static int largest(BufferedImage a, BufferedImage b) {
        return all(a, b).max().orElseThrow();
    }

    public static double mean(BufferedImage a, BufferedImage b) {
        return all(a, b).average().orElseThrow();
    }

    private static IntStream all(BufferedImage a, BufferedImage b) {
        if (a.getWidth() != b.getWidth() || a.getHeight() != b.getHeight()) {
            throw new IllegalArgumentException("images of different sizes");
        }
        return IntStream.range(0, a.getHeight())
                .flatMap(y -> IntStream.range(0, a.getWidth())
                        .flatMap(x -> IntStream.of(0, 8, 16)
                                .map(shift -> Math.abs(
                                        ((a.getRGB(x, y) >> shift) & 255) - ((b.getRGB(x, y) >> shift) & 255)))));
    }
}
