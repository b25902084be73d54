package io.latent4j.training.samples;

import com.google.common.base.Splitter;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Images in rows, each with a caption below.
 *
 * @param title above all
 * @param cells one or more, their images of one size
 */
public record SampleSheet(String title, List<Cell> cells) {
    private static final int LEAST_SIDE = 160; // smaller images are enlarged by a whole number
    private static final int MOST_WIDTH = 1680;
    private static final int MOST_COLUMNS = 8;
    private static final int MOST_LINES = 4;
    private static final Splitter WORDS = Splitter.onPattern("\\s+");
    private static final int GAP = 12;
    private static final int LINE = 17;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final Font BOLD = FONT.deriveFont(Font.BOLD);
    private static final Color INK = new Color(0x1F2328);
    private static final Color PALE = new Color(0xD0D7DE);

    /** An image and what to say of it. */
    public record Cell(BufferedImage image, String caption) {}

    public SampleSheet {
        cells = List.copyOf(cells);
    }

    /** Two images of one width as one, the first above the other. */
    public static BufferedImage above(BufferedImage first, BufferedImage second) {
        BufferedImage both =
                new BufferedImage(first.getWidth(), first.getHeight() + second.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = both.createGraphics();
        graphics.drawImage(first, 0, 0, null);
        graphics.drawImage(second, 0, first.getHeight(), null);
        graphics.dispose();
        return both;
    }

    /** Draws the sheet. */
    public BufferedImage draw() {
        BufferedImage any = cells.get(0).image;
        int larger = (LEAST_SIDE + any.getWidth() - 1) / any.getWidth();
        int width = any.getWidth() * larger;
        int height = any.getHeight() * larger;
        int columns = columns(width);
        int rows = (cells.size() + columns - 1) / columns;
        FontMetrics metrics =
                graphics(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB)).getFontMetrics();
        List<List<String>> captions =
                cells.stream().map(cell -> lines(cell.caption, metrics, width)).toList();
        int lines = captions.stream().mapToInt(List::size).max().orElse(0);
        int across = width + GAP;
        int down = height + lines * LINE + GAP;
        int top = GAP + LINE + GAP;
        BufferedImage sheet =
                new BufferedImage(GAP + columns * across, top + rows * down + GAP / 2, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = graphics(sheet);
        graphics.setFont(BOLD);
        graphics.drawString(title, GAP, GAP + metrics.getAscent());
        graphics.setFont(FONT);
        for (int i = 0; i < cells.size(); i++) {
            int x = GAP + i % columns * across;
            int y = top + i / columns * down;
            graphics.drawImage(cells.get(i).image, x, y, width, height, null);
            graphics.setColor(PALE);
            graphics.drawRect(x, y, width - 1, height - 1);
            graphics.setColor(INK);
            for (String line : captions.get(i)) {
                y += LINE;
                graphics.drawString(line, x, y + height);
            }
        }
        graphics.dispose();
        return sheet;
    }

    /** As many a row as are wanted and fit, so that rows are of like length. */
    private int columns(int width) {
        int most = Math.max(1, Math.min(MOST_COLUMNS, MOST_WIDTH / (width + GAP)));
        int rows = (cells.size() + most - 1) / most;
        return (cells.size() + rows - 1) / rows;
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

    /** The words of {@code text} in lines; the last is cut where there would be too many. */
    private static List<String> lines(String text, FontMetrics metrics, int width) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : WORDS.split(text.strip())) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (line.isEmpty() || metrics.stringWidth(longer) <= width) {
                line = longer;
            } else {
                lines.add(line);
                line = word;
            }
        }
        lines.add(line);
        if (lines.size() <= MOST_LINES) {
            return lines;
        }
        List<String> kept = new ArrayList<>(lines.subList(0, MOST_LINES));
        kept.set(MOST_LINES - 1, kept.get(MOST_LINES - 1) + "\u2026");
        return kept;
    }
}
