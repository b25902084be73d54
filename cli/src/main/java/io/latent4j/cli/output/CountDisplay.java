package io.latent4j.cli.output;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;

/** Shows a user how far counted work is: on a terminal one line that changes, elsewhere a line now and then. */
public final class CountDisplay implements AutoCloseable {
    private static final int REFRESH_MILLIS = 100;
    private static final long QUIET_NANOS = 15_000_000_000L;

    private final Terminal terminal;
    private final String what;
    private final String unit;
    private final int total;
    private final Line line;
    private final ProgressBar bar; // null where nobody watches
    private long lastLine = System.nanoTime();

    /**
     * A display on {@code terminal} of work on {@code total} things.
     *
     * @param what is done, in a word
     * @param unit what is counted, in the plural
     */
    public CountDisplay(Terminal terminal, String what, String unit, int total) {
        this.terminal = terminal;
        this.what = what;
        this.unit = unit;
        this.total = total;
        this.line = new Line(new RunDisplay.Line(terminal));
        this.bar = terminal.isWatched()
                ? new ProgressBarBuilder()
                        .setTaskName(what)
                        .setInitialMax(total)
                        .setUpdateIntervalMillis(REFRESH_MILLIS)
                        .setRenderer(new BarRenderer(terminal, unit))
                        .setConsumer(line)
                        .build()
                : null;
    }

    /** So many are done. */
    public void done(int count) {
        if (bar != null) {
            bar.stepTo(count);
        } else if (System.nanoTime() - lastLine > QUIET_NANOS) {
            terminal.out().println(String.format(Locale.ROOT, "%s: %d of %d %s", what, count, total, unit));
            terminal.out().flush();
            lastLine = System.nanoTime();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            boolean interrupted = Thread.interrupted(); // the bar would not wait for its last line
            bar.close();
            line.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A line that is ended once: the bar forgets to when it is closed before it was first drawn. */
    private static final class Line implements ProgressBarConsumer {
        private final RunDisplay.Line line;
        private boolean ended;

        Line(RunDisplay.Line line) {
            this.line = line;
        }

        @Override
        public int getMaxRenderedLength() {
            return line.getMaxRenderedLength();
        }

        @Override
        public void accept(String rendered) {
            line.accept(rendered);
        }

        @Override
        public synchronized void close() {
            if (!ended) {
                ended = true;
                line.close();
            }
        }
    }
}
