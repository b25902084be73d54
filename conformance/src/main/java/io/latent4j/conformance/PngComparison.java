package io.latent4j.conformance;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Compares an image with a file, in grey levels. */
final class PngComparison {
    private static final double GREY_LEVELS = 1;

    private PngComparison() {}

    static void of(Comparison comparison, BufferedImage got, Path png) throws IOException {
        BufferedImage expected = ImageIO.read(png.toFile());
        if (expected == null || expected.getWidth() != got.getWidth() || expected.getHeight() != got.getHeight()) {
            throw new IllegalStateException(
                    png + " is not an image of " + got.getWidth() + "x" + got.getHeight() + " pixels");
        }
        int largest = 0;
        for (int y = 0; y < got.getHeight(); y++) {
            for (int x = 0; x < got.getWidth(); x++) {
                for (int shift = 0; shift <= 16; shift += 8) {
                    int one = (got.getRGB(x, y) >> shift) & 255;
                    int other = (expected.getRGB(x, y) >> shift) & 255;
                    largest = Math.max(largest, Math.abs(one - other));
                }
            }
        }
        comparison.limit("png", largest, GREY_LEVELS);
    }
}
