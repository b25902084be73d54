package io.latent4j.training;

import io.latent4j.core.image.PngFile;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Folders of images without captions. */
public final class PlainImages {
    private PlainImages() {}

    /** Writes {@code count} discs of different size. */
    public static void write(Path folder, int count, int side) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < count; i++) {
            BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            Graphics2D g = image.createGraphics();
            g.setColor(Color.YELLOW);
            g.fillOval(i, i, side - 2 * i, side - 2 * i);
            g.dispose();
            PngFile.write(folder.resolve(i + ".png"), image, Map.of());
        }
    }
}
