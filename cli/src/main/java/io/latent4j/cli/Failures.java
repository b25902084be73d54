package io.latent4j.cli;

import ai.djl.engine.EngineException;
import java.io.PrintWriter;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user what went wrong in one line, and the shell in an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private static final Pattern OUT_OF_MEMORY = Pattern.compile("can't allocate memory|out of memory");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9F}&&[^\n\t]]");
    private static final String RUNTIME_ERROR = "RuntimeError: ";

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        String message = e instanceof UnmatchedArgumentException unmatched ? unmatched(unmatched) : message(e);
        print(line, message + "; `" + name + " --help` says more", e);
        return ExitCode.BAD_REQUEST;
    }

    private static String unmatched(UnmatchedArgumentException e) {
        String first = e.getUnmatched().get(0);
        if (e.isUnknownOption()) {
            return "there is no option " + first;
        }
        return "\"" + first + "\" is one argument too many; put quotes around a text of several words";
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
        return report(line, e);
    }

    static int report(CommandLine line, Throwable e) {
        if (isInterrupt(e)) {
            print(line, "cancelled", e);
            return ExitCode.INTERRUPTED;
        }
        print(line, message(e), e);
        return ExitCode.FAILED;
    }

    private static boolean isInterrupt(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CancellationException
                    || cause instanceof ClosedByInterruptException
                    || cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    private static void print(CommandLine line, String message, Throwable e) {
        PrintWriter err = line.getErr();
        err.println("latent4j: " + message);
        if (Latent4j.verbose(line)) {
            e.printStackTrace(err);
        }
        err.flush();
    }

    /** What went wrong, in one line. */
    static String message(Throwable e) {
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
            return "out of memory (" + e.getMessage() + "); make fewer or smaller images at a time";
        }
        if (e instanceof ExceptionInInitializerError && e.getCause() != null) {
            return message(e.getCause());
        }
        String text = e.getMessage() == null ? "" : e.getMessage().strip();
        if (text.isEmpty()) {
            return e.getCause() == null ? "failed with " + e.getClass().getSimpleName() : message(e.getCause());
        }
        if (e instanceof EngineException) {
            return engineMessage(text, e.getCause());
        }
        return shown(text.replaceAll("\\R", " "));
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

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** Without control characters, with which a file's name or text could steer the terminal. */
    static String shown(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }
}
