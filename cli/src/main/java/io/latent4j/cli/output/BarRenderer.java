package io.latent4j.cli.output;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/** Draws the state of a run on one line: what runs, a bar, steps, time and speed. */
public final class BarRenderer implements ProgressBarRenderer {
    private static final int MOST_BAR = 40;
    private static final int LEAST_BAR = 8;
    private static final String RESET = "\u001b[0m";

    private final Terminal terminal;
    private final String unit;

    public BarRenderer(Terminal terminal) {
        this(terminal, "steps");
    }

    /**
     * Draws bars for {@code terminal}.
     *
     * @param unit what is counted, in the plural
     */
    public BarRenderer(Terminal terminal, String unit) {
        this.terminal = terminal;
        this.unit = unit;
    }

    @Override
    public String render(ProgressState state, int maxLength) {
        boolean done = state.getCurrent() >= state.getMax();
        String head = state.getTaskName() + " ";
        String tail = " " + tail(state, done);
        int bar = Math.min(MOST_BAR, maxLength - head.length() - tail.length());
        if (bar < LEAST_BAR) {
            String line = head + tail;
            return line.length() <= maxLength ? line : line.substring(0, maxLength);
        }
        double share = state.getMax() == 0 ? 0 : Math.min(1, state.getCurrent() / (double) state.getMax());
        return head + bar(share, bar, done) + tail;
    }

    private String tail(ProgressState state, boolean done) {
        double seconds = state.getElapsedAfterStart().toNanos() * 1e-9;
        long steps = state.getCurrent();
        StringBuilder text = new StringBuilder();
        String total = Long.toString(state.getMax());
        text.append(
                String.format(Locale.ROOT, "%" + total.length() + "d/%s %s  %s", steps, total, unit, time(seconds)));
        if (!done) {
            text.append(steps == 0 ? "  -:-- left" : "  " + time(seconds / steps * (state.getMax() - steps)) + " left");
        }
        if (steps > 0) {
            text.append("  ").append(speed(steps / seconds));
        }
        String extra = state.getExtraMessage();
        return extra.isEmpty() ? text.toString() : text + "  " + extra;
    }

    /** Hours, where there are any, minutes and seconds. */
    public static String time(double seconds) {
        Duration time = Duration.ofSeconds(Math.round(seconds));
        return time.toHours() > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }

    private static String speed(double perSecond) {
        return perSecond >= 1
                ? String.format(Locale.ROOT, "%.1f it/s", perSecond)
                : String.format(Locale.ROOT, "%.1f s/it", 1 / perSecond);
    }

    /** The bar alone. */
    public String bar(double share, int width, boolean done) {
        int full = (int) (share * width);
        boolean half = share * width - full >= 0.5;
        if (!terminal.unicode()) {
            return "[" + "#".repeat(Math.max(0, full - 2)) + ".".repeat(Math.min(width - 2, width - full)) + "]";
        }
        String front = "\u2501".repeat(full) + (half ? "\u2578" : "");
        String back = "\u2501".repeat(width - full - (half ? 1 : 0));
        if (!terminal.colours()) {
            return front + " ".repeat(back.length());
        }
        return (done ? "\u001b[32m" : "\u001b[36m") + front + RESET + "\u001b[90m" + back + RESET;
    }
}
