package io.latent4j.cli.output;

import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.StepEvent;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;

/** Shows a user how a run goes: on a terminal one line that changes, elsewhere a line now and then. */
public final class RunDisplay implements Progress, AutoCloseable {
    private static final int REFRESH_MILLIS = 100;
    private static final long QUIET_NANOS = 15_000_000_000L;

    private final Terminal terminal;
    private final int batches;
    private ProgressBar bar;
    private int stepsDone;
    private long lastLine = System.nanoTime();

    /**
     * A display on {@code terminal}.
     *
     * @param batches how many times the model's steps are gone through
     */
    public RunDisplay(Terminal terminal, int batches) {
        this.terminal = terminal;
        this.batches = batches;
    }

    /** What happens before the steps. */
    public void loading(String what) {
        if (terminal.isWatched()) {
            terminal.out().print("\r" + what + (terminal.unicode() ? " \u2026" : " ..."));
            terminal.out().flush();
        }
    }

    /** The steps begin. */
    public void start(String what, int steps) {
        if (terminal.isWatched()) {
            clear();
            bar = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax((long) steps * batches)
                    .setUpdateIntervalMillis(REFRESH_MILLIS)
                    .setRenderer(new BarRenderer(terminal))
                    .setConsumer(new Line(terminal))
                    .build();
        } else {
            line(what);
        }
    }

    @Override
    public void onStep(StepEvent event) {
        stepsDone++;
        int total = event.steps() * batches;
        if (bar != null) {
            bar.maxHint(total);
            bar.stepTo(stepsDone);
            bar.setExtraMessage(event.step() == event.steps() ? "decoding" : "");
        } else if (System.nanoTime() - lastLine > QUIET_NANOS) {
            line(String.format(Locale.ROOT, "step %d of %d", stepsDone, total));
        }
    }

    private void line(String text) {
        terminal.out().println(text);
        terminal.out().flush();
        lastLine = System.nanoTime();
    }

    /** Empties the line, for others to write there. */
    public void clear() {
        if (terminal.isWatched()) {
            terminal.out().print("\r" + " ".repeat(terminal.width() - 1) + "\r");
            terminal.out().flush();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            boolean interrupted = Thread.interrupted(); // the bar would not wait for its last line
            bar.setExtraMessage("");
            bar.close();
            bar = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        } else {
            clear();
        }
    }

    /** The line of the terminal that the bar is drawn on. */
    public record Line(Terminal terminal) implements ProgressBarConsumer {
        @Override
        public int getMaxRenderedLength() {
            return terminal.width() - 1;
        }

        @Override
        public void accept(String rendered) {
            terminal.out().print("\r" + rendered + (terminal.colours() ? "\u001b[K" : ""));
            terminal.out().flush();
        }

        @Override
        public void close() {
            terminal.out().println();
            terminal.out().flush();
        }
    }
}
