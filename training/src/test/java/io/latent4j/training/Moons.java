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
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.w3c.dom.NodeList;

/**
 * Draws images of moons with captions, a shape that is in no scene, and tells of images whether they show one. Runs by
 * itself: {@code java Moons.java draw FOLDER COUNT SEED}, {@code java Moons.java judge FILES}.
 */
final class Moons {
    private static final int SIDE = 64;
    private static final double BITE = 0.9; // radius of what is cut out of a disc, in those of the disc
    private static final double SHIFT = 0.55;
    private static final double SAME = 0.7; // of all pixels of a figure and a moon, those that they share
    private static final Pattern CAPTION = Pattern.compile("a (\\w+) moon on a (\\w+) background");

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

    /** What an image shows of what its caption says. */
    record Judged(boolean moon, boolean colour, boolean background) {
        boolean allRight() {
            return moon && colour && background;
        }
    }

    /** Draws or judges, as the first argument says. */
    public static void main(String[] args) throws IOException {
        if (args.length == 4 && args[0].equals("draw")) {
            write(Path.of(args[1]), Integer.parseInt(args[2]), Long.parseLong(args[3]));
        } else if (args.length > 1 && args[0].equals("judge")) {
            List<Judged> all = new ArrayList<>();
            for (String file : List.of(args).subList(1, args.length)) {
                all.add(judge(ImageIO.read(Path.of(file).toFile()), prompt(Path.of(file))));
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d images: moon %s, colour %s, background %s, all right %s%n",
                    all.size(),
                    percent(all, Judged::moon),
                    percent(all, Judged::colour),
                    percent(all, Judged::background),
                    percent(all, Judged::allRight));
        } else {
            throw new IllegalArgumentException("expected draw FOLDER COUNT SEED, or judge FILES");
        }
    }

    private static String percent(List<Judged> all, Predicate<Judged> right) {
        return Math.round(100.0 * all.stream().filter(right).count() / all.size()) + "%";
    }

    /** The first line of the PNG text "parameters". */
    private static String prompt(Path file) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            ImageReader reader = ImageIO.getImageReaders(in).next();
            reader.setInput(in);
            IIOMetadataNode root = (IIOMetadataNode) reader.getImageMetadata(0).getAsTree("javax_imageio_1.0");
            NodeList texts = root.getElementsByTagName("TextEntry");
            for (int i = 0; i < texts.getLength(); i++) {
                IIOMetadataNode text = (IIOMetadataNode) texts.item(i);
                if (text.getAttribute("keyword").equals("parameters")) {
                    return text.getAttribute("value").lines().findFirst().orElse("");
                }
            }
        }
        throw new IOException(file + ": has no text \"parameters\"");
    }

    /** Whether an image shows the moon that its caption says. */
    static Judged judge(BufferedImage image, String caption) {
        Matcher said = CAPTION.matcher(caption);
        if (!said.find()) {
            throw new IllegalArgumentException("the caption \"" + caption + "\" says nothing of a moon");
        }
        Color colour = COLOURS.get(said.group(1));
        Color background = BACKGROUNDS.get(said.group(2));
        Color edge = mean(image, (x, y) -> x == 0 || y == 0 || x == image.getWidth() - 1 || y == image.getHeight() - 1);
        boolean[][] figure = new boolean[image.getHeight()][image.getWidth()];
        int size = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                figure[y][x] = distance(new Color(image.getRGB(x, y)), edge) > distance(colour, background) / 2;
                size += figure[y][x] ? 1 : 0;
            }
        }
        if (size == 0) {
            return new Judged(false, false, nearest(edge, BACKGROUNDS.values()).equals(background));
        }
        Color inside = mean(image, (x, y) -> figure[y][x]);
        return new Judged(
                likeness(figure) >= SAME,
                nearest(inside, COLOURS.values()).equals(colour),
                nearest(edge, BACKGROUNDS.values()).equals(background));
    }

    private interface Place {
        boolean holds(int x, int y);
    }

    private static Color mean(BufferedImage image, Place place) {
        double[] sums = new double[3];
        int count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if (place.holds(x, y)) {
                    float[] levels = new Color(image.getRGB(x, y)).getRGBColorComponents(null);
                    for (int i = 0; i < 3; i++) {
                        sums[i] += levels[i];
                    }
                    count++;
                }
            }
        }
        return new Color((float) (sums[0] / count), (float) (sums[1] / count), (float) (sums[2] / count));
    }

    private static Color nearest(Color to, Collection<Color> colours) {
        return colours.stream()
                .min(Comparator.comparingDouble(colour -> distance(to, colour)))
                .orElseThrow();
    }

    private static double distance(Color a, Color b) {
        int red = a.getRed() - b.getRed();
        int green = a.getGreen() - b.getGreen();
        int blue = a.getBlue() - b.getBlue();
        return Math.sqrt((double) (red * red + green * green + blue * blue));
    }

    /** The most that a figure and a moon near its frame have in common, of all that either has. */
    private static double likeness(boolean[][] figure) {
        int top = Integer.MAX_VALUE;
        int left = Integer.MAX_VALUE;
        int bottom = 0;
        for (int y = 0; y < figure.length; y++) {
            for (int x = 0; x < figure[y].length; x++) {
                if (figure[y][x]) {
                    top = Math.min(top, y);
                    bottom = y + 1;
                    left = Math.min(left, x);
                }
            }
        }
        double most = 0;
        double radius = (bottom - top) / 2.0;
        for (double r : new double[] {0.9 * radius, radius, 1.1 * radius}) {
            for (int dy = -2; dy <= 2; dy++) {
                for (int dx = -2; dx <= 2; dx++) {
                    most = Math.max(most, shared(figure, moon(left + radius + dx, top + radius + dy, r)));
                }
            }
        }
        return most;
    }

    private static double shared(boolean[][] figure, Area moon) {
        int both = 0;
        int either = 0;
        for (int y = 0; y < figure.length; y++) {
            for (int x = 0; x < figure[y].length; x++) {
                boolean inMoon = moon.contains(x + 0.5, y + 0.5);
                both += figure[y][x] && inMoon ? 1 : 0;
                either += figure[y][x] || inMoon ? 1 : 0;
            }
        }
        return (double) both / either;
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

    static BufferedImage draw(Color colour, Color background, Random random) {
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
