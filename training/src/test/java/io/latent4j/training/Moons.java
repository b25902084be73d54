package io.latent4j.training;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Draws pictures of moons with captions: a shape that is in no scene. Runs by itself, {@code java Moons.java FOLDER COUNT
 * SEED}.
 */
final class Moons {
    private static final int SIDE = 64;
    private static final double BITE = 0.9; // radius of what is cut out of a disc, in those of the disc
    private static final double SHIFT = 0.55;

    private static final Map<String, Color> COLOURS = Map.of(
            "blue", new Color(50, 80, 220),
            "green", new Color(40, 170, 60),
            "red", new Color(220, 40, 40),
            "yellow", new Color(240, 210, 40));
    private static final Map<String, Color> BACKGROUNDS = Map.of(
            "black", new Color(15, 15, 15),
            "gray", new Color(128, 128, 128),
            "white", new Color(250, 250, 250));

    private Moons() {}

    /** Writes the folder {@code args[0]} of {@code args[1]} pictures, drawn by the seed {@code args[2]}. */
    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
    }

    /** Writes PNG files of 64×64 and {@code metadata.jsonl}. */
    static void write(Path folder, int count, long seed) throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String colour = COLOURS.keySet().stream().sorted().toList().get(random.nextInt(COLOURS.size()));
            String background = BACKGROUNDS.keySet().stream().sorted().toList().get(random.nextInt(BACKGROUNDS.size()));
            ImageIO.write(
                    draw(COLOURS.get(colour), BACKGROUNDS.get(background), random),
                    "png",
                    folder.resolve(i + ".png").toFile());
            lines.add("{\"file_name\": \"%d.png\", \"text\": \"a %s moon on a %s background\"}"
                    .formatted(i, colour, background));
        }
        Files.write(folder.resolve("metadata.jsonl"), lines);
    }

    private static BufferedImage draw(Color colour, Color background, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setColor(background);
        g.fillRect(0, 0, SIDE, SIDE);
        g.setColor(colour);
        double radius = SIDE * (0.17 + 0.13 * random.nextDouble());
        double room = SIDE - 2 * radius;
        g.fill(moon(radius + room * random.nextDouble(), radius + room * random.nextDouble(), radius));
        g.dispose();
        return image;
    }

    /** A disc around (x, y) with a bite out of its right side. */
    private static Area moon(double x, double y, double radius) {
        Area moon = disc(x, y, radius);
        moon.subtract(disc(x + SHIFT * radius, y, BITE * radius));
        return moon;
    }

    private static Area disc(double x, double y, double radius) {
        return new Area(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }
}
