package io.latent4j.cli.output;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;

/** Shows a user how a run goes: on a terminal one line that changes, elsewhere a line now and then. */
public final class RunDisplay implements AutoCloseable {
    private static final int REFRESH_MILLIS = 100;
    private static final long QUIET_NANOS = 15_000_000_000L;

    private final Terminal terminal;
    private ProgressBar bar;
    private long lastLine = System.nanoTime();

    /** A display on {@code terminal}. */
    public RunDisplay(Terminal terminal) {
        this.terminal = terminal;
    }

    /** What happens before the steps. */
    public void loading(String what) {
        if (terminal.isWatched()) {
            terminal.out().print("\r" + what + (terminal.unicode() ? " \u2026" : " ..."));
            terminal.out().flush();
        }
    }

    /** The steps begin, about so many in all. */
    public void start(String what, long steps) {
        if (terminal.isWatched()) {
            clear();
            bar = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(steps)
                    .setUpdateIntervalMillis(REFRESH_MILLIS)
                    .setRenderer(new BarRenderer(terminal))
                    .setConsumer(new Line(terminal))
                    .build();
        } else {
            line(what);
        }
    }

    /**
     * A step is done.
     *
     * @param done how many are done
     * @param all of how many
     * @param decoding whether images are decoded next
     */
    public void step(int done, int all, boolean decoding) {
        if (bar != null) {
            bar.maxHint(all);
            bar.stepTo(done);
            bar.setExtraMessage(decoding ? "decoding" : "");
        } else if (System.nanoTime() - lastLine > QUIET_NANOS) {
            line(String.format(Locale.ROOT, "step %d of %d", done, all));
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
