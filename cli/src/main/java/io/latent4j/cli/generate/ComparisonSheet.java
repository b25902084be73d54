package io.latent4j.cli.generate;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;

/**
 * Images in rows and columns with their names, on one sheet.
 *
 * @param title above all
 * @param columns names of the columns
 * @param rows from top to bottom
 */
record ComparisonSheet(String title, List<String> columns, List<Row> rows) {
    private static final int LEAST_SIDE = 112;
    private static final int GAP = 8;
    private static final int LINE = 18;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final Font BOLD = FONT.deriveFont(Font.BOLD);
    private static final Color INK = new Color(31, 35, 40);
    private static final Color PALE = new Color(208, 215, 222);

    /**
     * One row.
     *
     * @param name at the left
     * @param images one a column, all of one size; empty where there is none
     */
    record Row(String name, List<Optional<BufferedImage>> images) {
        Row {
            images = List.copyOf(images);
        }
    }

    ComparisonSheet {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /** Draws the sheet; small images are enlarged by a whole number. */
    BufferedImage draw() {
        BufferedImage any = rows.stream()
                .flatMap(row -> row.images().stream())
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(new BufferedImage(LEAST_SIDE, LEAST_SIDE, BufferedImage.TYPE_INT_RGB));
        int larger = Math.max(1, (LEAST_SIDE + any.getWidth() - 1) / any.getWidth());
        int width = any.getWidth() * larger;
        int height = any.getHeight() * larger;
        int names = widestName() + 2 * GAP;
        int top = 2 * LINE + 2 * GAP;
        BufferedImage sheet = new BufferedImage(
                names + columns.size() * (width + GAP), top + rows.size() * (height + GAP), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = graphics(sheet);
        graphics.drawString(shortened(title, graphics.getFontMetrics(), sheet.getWidth() - 2 * GAP), GAP, LINE);
        graphics.setFont(BOLD);
        for (int column = 0; column < columns.size(); column++) {
            graphics.drawString(columns.get(column), names + column * (width + GAP), 2 * LINE + GAP);
        }
        for (int row = 0; row < rows.size(); row++) {
            int y = top + row * (height + GAP);
            graphics.drawString(rows.get(row).name(), GAP, y + height / 2 + LINE / 4);
            for (int column = 0; column < columns.size(); column++) {
                int x = names + column * (width + GAP);
                draw(graphics, rows.get(row).images().get(column), x, y, width, height);
            }
        }
        graphics.dispose();
        return sheet;
    }

    private int widestName() {
        Graphics2D graphics = graphics(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
        FontMetrics bold = graphics.getFontMetrics(BOLD);
        int widest = rows.stream()
                .mapToInt(row -> bold.stringWidth(row.name()))
                .max()
                .orElse(0);
        graphics.dispose();
        return widest;
    }

    private static Graphics2D graphics(BufferedImage sheet) {
        Graphics2D graphics = sheet.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        graphics.setColor(INK);
        graphics.setFont(FONT);
        return graphics;
    }

    private static String shortened(String text, FontMetrics metrics, int width) {
        String shown = text;
        while (metrics.stringWidth(shown) > width && shown.length() > 1) {
            shown = shown.substring(0, shown.length() - 2) + "\u2026";
        }
        return shown;
    }

    private static void draw(Graphics2D graphics, Optional<BufferedImage> image, int x, int y, int width, int height) {
        image.ifPresent(p -> graphics.drawImage(p, x, y, width, height, null));
        graphics.setColor(PALE);
        graphics.drawRect(x, y, width - 1, height - 1);
        graphics.setColor(INK);
    }
}
