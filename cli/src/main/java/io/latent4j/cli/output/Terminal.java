package io.latent4j.cli.output;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Standard error as seen by a user.
 *
 * @param out where to write
 * @param width columns; 0 if nobody watches, because it is a file or a pipe
 * @param unicode whether it shows more than ASCII
 * @param colours whether it shows colours
 */
public record Terminal(PrintWriter out, int width, boolean unicode, boolean colours) {
    private static final String COLUMNS = "latent4j.columns"; // set by the launcher, 0 for none
    private static final int USUAL_WIDTH = 80;
    private static final int MOST_WIDTH = 120;

    /** Standard error of this process, written to through {@code out}. */
    public static Terminal of(PrintWriter out) {
        Integer columns = Integer.getInteger(COLUMNS);
        int width = columns != null ? columns : isTerminal(2) ? USUAL_WIDTH : 0;
        return new Terminal(
                out, Math.min(width, MOST_WIDTH), charset().newEncoder().canEncode('\u2501'), coloursWanted());
    }

    /** Where nobody watches and nothing is shown. */
    public static Terminal unseen() {
        return new Terminal(new PrintWriter(Writer.nullWriter()), 0, false, false);
    }

    /** Whether a person types what this process reads from standard input, as far as the system tells. */
    public static boolean isTypedTo() {
        return isTerminal(0);
    }

    private static boolean isTerminal(int descriptor) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(descriptor)))
                    .startsWith("/dev/pts");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static Charset charset() {
        String name = System.getProperty("stderr.encoding", System.getProperty("native.encoding"));
        return name == null ? Charset.defaultCharset() : Charset.forName(name);
    }

    private static boolean coloursWanted() {
        return System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
    }

    /** Whether somebody watches. */
    public boolean isWatched() {
        return width > 0;
    }
}
