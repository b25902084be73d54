package io.latent4j.cli;

import com.google.gson.JsonObject;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Messages;
import io.latent4j.core.config.EditDistance;
import io.latent4j.pipeline.files.MissingPartException;
import java.io.PrintWriter;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user what went wrong in one line, and the shell in an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private static final String JSON = "--json";
    private static final String REPORTS_FAILURES = "doctor";
    private static final int MOST_NEAR = 3;

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        String message = e instanceof UnmatchedArgumentException unmatched ? unmatched(unmatched) : Messages.of(e);
        print(line, message + "; `" + name + " --help` says more", e);
        printJson(line, Arrays.asList(args).contains(JSON), message, ExitCode.BAD_REQUEST);
        return ExitCode.BAD_REQUEST;
    }

    private static String unmatched(UnmatchedArgumentException e) {
        String first = Messages.shortened(e.getUnmatched().get(0));
        CommandSpec command = e.getCommandLine().getCommandSpec();
        if (e.isUnknownOption()) {
            return "there is no option " + first
                    + nearest(first, command.optionsMap().keySet());
        }
        if (command.subcommands().isEmpty()) {
            return "\"" + first + "\" is one argument too many; put quotes around a text of several words";
        }
        String near = nearest(first, command.subcommands().keySet());
        return near.isEmpty() && command.parent() == null
                ? "\"" + first + "\" is no command; to make an image of a text: latent4j generate \"" + first + "\""
                : "\"" + first + "\" is no command" + near;
    }

    /** The names within a third of a word's letters, or those that it begins, as a question. */
    private static String nearest(String word, Collection<String> names) {
        int most = Math.max(1, word.length() / 3);
        String near = names.stream()
                .filter(name ->
                        EditDistance.between(word, name) <= most || (word.length() > 3 && name.startsWith(word)))
                .sorted(Comparator.comparingInt(name -> EditDistance.between(word, name)))
                .limit(MOST_NEAR)
                .collect(Collectors.joining(" or "));
        return near.isEmpty() ? "" : "; did you mean " + near + "?";
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
        int code = report(line, e);
        boolean silent = !line.getCommandName().equals(REPORTS_FAILURES); // whose JSON is printed already
        printJson(line, silent && asksForJson(parsed), Messages.of(e), code);
        return code;
    }

    private static boolean asksForJson(ParseResult parsed) {
        return parsed.asCommandLineList().stream()
                .anyMatch(line -> line.getParseResult().hasMatchedOption(JSON));
    }

    /** Tells a program that reads standard output what went wrong, where it asked for JSON. */
    private static void printJson(CommandLine line, boolean json, String message, int code) {
        if (json) {
            JsonObject error = new JsonObject();
            error.addProperty("error", message);
            error.addProperty("exitCode", code);
            line.getOut().println(error);
            line.getOut().flush();
        }
    }

    static int report(CommandLine line, Throwable e) {
        if (isInterrupt(e)) {
            print(line, "cancelled", e);
            return ExitCode.INTERRUPTED;
        }
        print(line, Messages.of(e) + option(line, e), e);
        return ExitCode.FAILED;
    }

    /** The option that gives a part that a model's file lacks, where the command has it. */
    private static String option(CommandLine line, Throwable e) {
        if (!(e instanceof MissingPartException missing)) {
            return "";
        }
        String name = missing.part().equals(MissingPartException.AUTOENCODER) ? "--vae" : "--tokenizer";
        boolean fits = List.of(MissingPartException.AUTOENCODER, MissingPartException.TOKENIZER)
                .contains(missing.part());
        return fits && line.getCommandSpec().findOption(name) != null ? ", by " + name : "";
    }

    private static boolean isInterrupt(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CancellationException
                    || cause instanceof ClosedByInterruptException
                    || cause instanceof FileLockInterruptionException
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
}
