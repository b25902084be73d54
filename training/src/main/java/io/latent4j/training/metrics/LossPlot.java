package io.latent4j.training.metrics;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * A run's figures, drawn: the training loss as it is and smoothed, and the validation loss, on a logarithmic axis; the learning rate
 * on an axis of its own at the right.
 */
public final class LossPlot {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final int LEFT = 76;
    private static final int RIGHT = WIDTH - 84;
    private static final int TOP = 62;
    private static final int BOTTOM = HEIGHT - 48;
    private static final int LEGEND_LINE = 26;
    private static final int GAP = 8;
    private static final int TICKS = 8;
    private static final double HEADROOM = 0.05; // share of an axis that stays free at its ends
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final Color INK = new Color(0x1F2328);
    private static final Color PALE_INK = new Color(0x59636E);
    private static final Color GRID = new Color(0xE4E8EE);
    private static final Color RAW = new Color(0xA3BEE5);
    private static final Color SMOOTH = new Color(0x1F5FBF);
    private static final Color VALIDATION = new Color(0xD9541E);
    private static final Color RATE = new Color(0xA0A6AE);

    private final BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    private final Graphics2D graphics = image.createGraphics();

    private LossPlot() {
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        graphics.setFont(FONT);
    }

    /** A line to draw, and how; {@code y} returns the height of a value. */
    private record Drawn(String name, Curve curve, Color colour, float width, DoubleUnaryOperator y) {}

    /** Draws {@code rows} of {@link MetricsFile}; empty while there are not two with a loss. */
    public static Optional<BufferedImage> draw(List<Map<String, String>> rows) {
        Curve loss = Curve.of(rows, "loss");
        if (!loss.isLine()) {
            return Optional.empty();
        }
        LossPlot plot = new LossPlot();
        plot.draw(rows, loss);
        plot.graphics.dispose();
        return Optional.of(plot.image);
    }

    private void draw(List<Map<String, String>> rows, Curve loss) {
        Optional<String> name = validation(rows);
        Curve validation = name.map(n -> Curve.of(rows, n)).orElse(Curve.EMPTY);
        Curve rate = Curve.of(rows, "rate");
        Curve smooth = loss.smoothed();
        Axis steps = new Axis(loss.firstStep(), Math.max(loss.lastStep(), validation.lastStep()), false);
        Axis losses = Axis.around(Curve.joined(List.of(loss, validation)), HEADROOM);
        Axis rates = new Axis(0, rate.isLine() ? rate.most() * (1 + HEADROOM) : 1, false);
        DoubleUnaryOperator x = step -> LEFT + steps.share(step) * (RIGHT - LEFT);
        DoubleUnaryOperator left = value -> BOTTOM - losses.share(value) * (BOTTOM - TOP);
        DoubleUnaryOperator right = value -> BOTTOM - rates.share(value) * (BOTTOM - TOP);
        frame(steps, losses, rates, x, left, right);
        List<Drawn> lines = new ArrayList<>();
        lines.add(new Drawn("rate", rate, RATE, 1.3f, right));
        lines.add(new Drawn("loss", loss, RAW, 1.3f, left));
        lines.add(new Drawn("loss, smoothed", smooth, SMOOTH, 2.2f, left));
        lines.add(new Drawn(name.orElse(""), validation, VALIDATION, 2.2f, left));
        lines.removeIf(line -> !line.curve().isLine());
        lines.forEach(line -> line(line, x));
        legend(lines);
    }

    /** The validation's loss, or what comes first of its figures. */
    private static Optional<String> validation(List<Map<String, String>> rows) {
        List<String> names = rows.stream()
                .flatMap(row -> row.keySet().stream())
                .filter(name -> name.startsWith("validation "))
                .distinct()
                .toList();
        return names.contains("validation loss")
                ? Optional.of("validation loss")
                : names.stream().findFirst();
    }

    private void frame(
            Axis steps,
            Axis losses,
            Axis rates,
            DoubleUnaryOperator x,
            DoubleUnaryOperator left,
            DoubleUnaryOperator right) {
        FontMetrics metrics = graphics.getFontMetrics();
        int half = metrics.getAscent() / 2 - 1;
        for (double tick : losses.ticks(TICKS)) {
            int y = (int) Math.round(left.applyAsDouble(tick));
            String text = Axis.label(tick);
            graphics.setColor(GRID);
            graphics.drawLine(LEFT, y, RIGHT, y);
            graphics.setColor(INK);
            graphics.drawString(text, LEFT - GAP - metrics.stringWidth(text), y + half);
        }
        for (double tick : steps.ticks(TICKS + 2)) {
            int at = (int) Math.round(x.applyAsDouble(tick));
            String text = Axis.label(tick);
            graphics.setColor(GRID);
            graphics.drawLine(at, TOP, at, BOTTOM);
            graphics.setColor(INK);
            graphics.drawString(text, at - metrics.stringWidth(text) / 2, BOTTOM + GAP + metrics.getAscent());
        }
        graphics.setColor(PALE_INK);
        for (double tick : rates.ticks(TICKS / 2)) {
            graphics.drawString(Axis.label(tick), RIGHT + GAP, (int) Math.round(right.applyAsDouble(tick)) + half);
        }
        graphics.drawRect(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP);
        graphics.drawString("rate", RIGHT + GAP, TOP - GAP);
        graphics.setColor(INK);
        graphics.drawString("loss", LEFT - GAP - metrics.stringWidth("loss"), TOP - GAP);
        graphics.drawString("step", (LEFT + RIGHT - metrics.stringWidth("step")) / 2, HEIGHT - GAP);
    }

    private void line(Drawn line, DoubleUnaryOperator x) {
        Path2D path = new Path2D.Double();
        Curve curve = line.curve();
        for (int i = 0; i < curve.size(); i++) {
            double across = x.applyAsDouble(curve.step(i));
            double up = Math.max(TOP, Math.min(BOTTOM, line.y().applyAsDouble(curve.value(i))));
            if (i == 0) {
                path.moveTo(across, up);
            } else {
                path.lineTo(across, up);
            }
        }
        graphics.setColor(line.colour());
        graphics.setStroke(new BasicStroke(line.width(), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(path);
    }

    /** The lines' names with their last values, above the plot. */
    private void legend(List<Drawn> lines) {
        int x = LEFT;
        for (Drawn line : lines) {
            Curve curve = line.curve();
            String text = line.name() + " " + Axis.label(curve.value(curve.size() - 1));
            graphics.setColor(line.colour());
            graphics.setStroke(new BasicStroke(Math.max(2, line.width())));
            graphics.drawLine(x, LEGEND_LINE - 4, x + 3 * GAP, LEGEND_LINE - 4);
            graphics.setColor(INK);
            graphics.drawString(text, x + 4 * GAP, LEGEND_LINE);
            x += 7 * GAP + graphics.getFontMetrics().stringWidth(text);
        }
    }
}
