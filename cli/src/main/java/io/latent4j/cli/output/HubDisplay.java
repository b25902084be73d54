package io.latent4j.cli.output;

import io.latent4j.hub.DownloadListener;
import java.util.Locale;

/** Shows a user what is being downloaded: on a terminal one line that changes, elsewhere a line a file. */
public final class HubDisplay implements DownloadListener, AutoCloseable {
    private static final long REFRESH_NANOS = 100_000_000L;

    private final Terminal terminal;
    private final boolean silent;
    private String current = "";
    private long lastLine;

    /**
     * A display on {@code terminal}.
     *
     * @param silent whether downloads are not shown, but only what there is to note of them
     */
    public HubDisplay(Terminal terminal, boolean silent) {
        this.terminal = terminal;
        this.silent = silent;
    }

    @Override
    public void progress(String file, long done, long total) {
        if (silent) {
            return;
        }
        boolean first = !file.equals(current);
        if (first && !terminal.isWatched()) {
            line("downloading " + Messages.shown(file) + (total > 0 ? ", " + Amounts.bytes(total) : ""));
        }
        current = file;
        boolean due = first || done == total || System.nanoTime() - lastLine > REFRESH_NANOS;
        if (terminal.isWatched() && due) {
            lastLine = System.nanoTime();
            String percent = total > 0 ? String.format(Locale.ROOT, " %3d%% of", 100 * done / total) : "";
            show("downloading " + Messages.shown(file) + percent + " " + Amounts.bytes(Math.max(total, done)));
        }
    }

    @Override
    public void note(String text) {
        show("");
        line(Messages.shown(text));
    }

    private void show(String text) {
        if (terminal.isWatched()) {
            int width = terminal.width() - 1;
            String cut = text.length() > width ? text.substring(0, width) : text;
            terminal.out().print("\r" + cut + " ".repeat(width - cut.length()) + (cut.isEmpty() ? "\r" : ""));
            terminal.out().flush();
        }
    }

    private void line(String text) {
        terminal.out().println(text);
        terminal.out().flush();
    }

    @Override
    public void close() {
        show("");
    }
}
