package io.latent4j.cli.evaluate;

import io.latent4j.core.files.Draft;
import io.latent4j.core.image.PngFile;
import io.latent4j.training.data.evaluation.Judged;
import io.latent4j.training.data.scenes.Fact;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes what was evaluated: for each guidance scale {@code guidance-3.png}, all images row by row, framed green where
 * everything is right and red elsewhere, and {@code guidance-3.csv}, a line an image; of several scales also {@code guidance.png}, a
 * plot of what they do.
 */
final class EvaluationFiles {
    private static final int FRAME = 2;
    private static final int MOST_SIDE = 16_000; // of a sheet, in pixels

    private EvaluationFiles() {}

    /** Checks before the work that there can be such a folder. */
    static void checkFolder(Path folder) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IOException(folder + ": is not a folder; expected one, or the name of a new one");
        }
        Files.createDirectories(folder);
    }

    static void write(Path folder, Evaluated evaluated) throws IOException {
        for (Evaluated.Result result : evaluated.results()) {
            List<Judged> images = result.tally().images();
            String name = "guidance-" + result.guidance();
            PngFile.write(folder.resolve(name + ".png"), sheet(images), Map.of());
            try (Draft draft = Draft.ofFile(folder.resolve(name + ".csv"))) {
                draft.fill(path -> Files.write(path, lines(images)));
                draft.replace();
            }
        }
        if (evaluated.results().size() > 1) {
            PngFile.write(folder.resolve("guidance.png"), GuidancePlot.draw(evaluated), Map.of());
        }
    }

    private static BufferedImage sheet(List<Judged> images) {
        int width = images.get(0).image().getWidth() + 2 * FRAME;
        int height = images.get(0).image().getHeight() + 2 * FRAME;
        int columns = Math.max(1, Math.min((int) Math.ceil(Math.sqrt(images.size())), MOST_SIDE / width));
        int rows = Math.max(1, Math.min((images.size() - 1) / columns + 1, MOST_SIDE / height));
        BufferedImage sheet = new BufferedImage(columns * width, rows * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        for (int i = 0; i < Math.min(images.size(), columns * rows); i++) {
            Judged judged = images.get(i);
            int x = i % columns * width;
            int y = i / columns * height;
            graphics.setColor(judged.check().allRight() ? Color.GREEN : Color.RED);
            graphics.fillRect(x, y, width, height);
            graphics.drawImage(judged.image(), x + FRAME, y + FRAME, null);
        }
        graphics.dispose();
        return sheet;
    }

    private static List<String> lines(List<Judged> images) {
        List<String> lines = new ArrayList<>();
        lines.add("caption,seed,all_right,"
                + Stream.of(Fact.values()).map(Fact::word).collect(Collectors.joining(",")) + ",seen");
        for (Judged judged : images) {
            lines.add(judged.scene().caption() + "," + judged.seed() + ","
                    + judged.check().allRight() + ","
                    + Stream.of(Fact.values())
                            .map(fact -> fact.isSaidBy(judged.scene())
                                    ? "" + judged.check().right(fact)
                                    : "")
                            .collect(Collectors.joining(","))
                    + "," + judged.check().seen().words());
        }
        return lines;
    }
}
