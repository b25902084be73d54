package io.latent4j.cli.train;

import io.latent4j.cli.output.BarRenderer;
import io.latent4j.cli.output.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * Draws the state of a training on one line: a bar, steps, time left, loss, images a second, rate and time, as much as
 * there is room for.
 */
final class TrainingBar implements ProgressBarRenderer {
    private static final int MOST_BAR = 30;
    private static final int LEAST_BAR = 8;
    private static final double RECENT = 0.05; // the share of the newest step in a moving average

    private final BarRenderer bars;
    private double loss;
    private double rate;
    private double secondsAStep;
    private int imagesAStep;
    private long steps;
    private long last;

    TrainingBar(Terminal terminal) {
        this.bars = new BarRenderer(terminal);
    }

    /** Takes a step in, that ended at {@code nanos}. */
    synchronized void stepped(double loss, double rate, int imagesAStep, long nanos) {
        steps++;
        double share = Math.max(RECENT, 1.0 / steps);
        this.loss += share * (loss - this.loss);
        if (steps > 1) {
            double seconds = (nanos - last) * 1e-9;
            secondsAStep += Math.max(RECENT, 1.0 / (steps - 1)) * (seconds - secondsAStep);
        }
        this.rate = rate;
        this.imagesAStep = imagesAStep;
        last = nanos;
    }

    @Override
    public synchronized String render(ProgressState state, int maxLength) {
        List<String> parts = parts(state);
        while (parts.size() > 1 && length(parts) + LEAST_BAR > maxLength) {
            parts.remove(parts.size() - 1);
        }
        String text = String.join("  ", parts);
        int width = Math.min(MOST_BAR, maxLength - text.length() - 1);
        if (width < LEAST_BAR) {
            return text.length() <= maxLength ? text : text.substring(0, maxLength);
        }
        double share = state.getMax() == 0 ? 0 : Math.min(1, state.getCurrent() / (double) state.getMax());
        return bars.bar(share, width, state.getCurrent() >= state.getMax()) + " " + text;
    }

    private static int length(List<String> parts) {
        return parts.stream().mapToInt(part -> part.length() + 2).sum();
    }

    /** The most important first. */
    private List<String> parts(ProgressState state) {
        List<String> parts = new ArrayList<>();
        parts.add(state.getCurrent() + "/" + state.getMax());
        double seconds = state.getElapsedAfterStart().toNanos() * 1e-9;
        long done = state.getCurrent() - state.getStart();
        if (state.getCurrent() < state.getMax()) {
            long left = state.getMax() - state.getCurrent();
            parts.add(done == 0 ? "-:-- left" : BarRenderer.time(seconds / done * left) + " left");
        }
        if (steps > 0) {
            parts.add(String.format(Locale.ROOT, "loss %.4g", loss));
        }
        if (secondsAStep > 0 && imagesAStep > 0) {
            parts.add(String.format(Locale.ROOT, "%.3g images/s", imagesAStep / secondsAStep));
        }
        if (steps > 0) {
            parts.add("rate " + String.format(Locale.ROOT, "%.1e", rate).replace("e-0", "e-"));
        }
        parts.add(BarRenderer.time(seconds));
        return parts;
    }
}
