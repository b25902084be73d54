package io.latent4j.cli.output;

import ai.djl.engine.EngineException;
import io.latent4j.core.config.Counted;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Pattern;

/** What a failure says to a user: one line without control characters. */
public final class Messages {
    private static final Pattern OUT_OF_MEMORY = Pattern.compile("can't allocate memory|out of memory");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9F}&&[^\n\t]]");
    private static final int MOST_LETTERS = 80;
    private static final int MOST_AT_THE_BEGINNING = 3000; // of a message, whose end says what to do
    private static final int MOST_AT_THE_END = 1000;
    private static final String RUNTIME_ERROR = "RuntimeError: ";

    private Messages() {}

    /** What went wrong, in one line. */
    public static String of(Throwable e) {
        if (e instanceof NoSuchFileException file) {
            return file.getFile() + ": there is no such file";
        }
        if (e instanceof AccessDeniedException file) {
            return file.getFile() + ": permission denied";
        }
        if (e instanceof FileAlreadyExistsException file) {
            return file.getFile() + ": is there already";
        }
        if (e instanceof OutOfMemoryError) {
            return "the Java heap is full (" + e.getMessage() + "); give it more: JAVA_OPTS=-Xmx4g, for instance";
        }
        if (e instanceof ExceptionInInitializerError && e.getCause() != null) {
            return of(e.getCause());
        }
        if (e instanceof UncheckedIOException io && io.getCause().toString().equals(io.getMessage())) {
            return of(io.getCause()); // it has no words of its own
        }
        String text = e.getMessage() == null ? "" : e.getMessage().strip();
        if (text.isEmpty()) {
            return e.getCause() == null ? "failed with " + e.getClass().getSimpleName() : of(e.getCause());
        }
        if (e instanceof EngineException) {
            return engineMessage(text, e.getCause());
        }
        return bounded(shown(text.replaceAll("\\R", " ")));
    }

    /** Without the middle of what is too long to be read: someone's long name or value. */
    public static String bounded(String text) {
        int left = text.length() - MOST_AT_THE_BEGINNING - MOST_AT_THE_END;
        return left <= 0
                ? text
                : text.substring(0, MOST_AT_THE_BEGINNING) + "… (" + Counted.of(left, "letter") + ") …"
                        + text.substring(text.length() - MOST_AT_THE_END);
    }

    /** The engine's own words, of which the last say what was wrong where an operator of ours failed. */
    private static String engineMessage(String text, Throwable cause) {
        if (OUT_OF_MEMORY.matcher(text).find()) {
            return "out of memory (" + shown(firstLine(text)) + "); make fewer or smaller images at a time";
        }
        String line = text.lines()
                .filter(l -> l.startsWith(RUNTIME_ERROR))
                .reduce((first, second) -> second)
                .orElse(firstLine(text));
        return "the engine says: " + shown(line) + (cause == null ? "" : " (" + shown(cause.toString()) + ")");
    }

    /** A word of the user's, cut where it is too long for a message. */
    public static String shortened(String text) {
        String one = shown(text.replaceAll("\\R", " "));
        return one.length() <= MOST_LETTERS ? one : one.substring(0, MOST_LETTERS) + "…";
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** Without control characters, with which a file's name or text could steer the terminal. */
    public static String shown(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }
}
