package io.latent4j.cli;

import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Messages;
import java.io.PrintWriter;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user what went wrong in one line, and the shell in an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        String message = e instanceof UnmatchedArgumentException unmatched ? unmatched(unmatched) : Messages.of(e);
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
        print(line, Messages.of(e), e);
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
}
