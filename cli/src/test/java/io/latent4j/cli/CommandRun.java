package io.latent4j.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * A command that was run in this process, and what came of it.
 *
 * @param code exit code
 * @param out standard output
 * @param err standard error
 */
public record CommandRun(int code, String out, String err) {

    public static CommandRun of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Latent4j.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = Latent4j.execute(line, args);
        return new CommandRun(code, out.toString(), err.toString());
    }

    /** The last line of standard error. */
    public String message() {
        return err.lines().reduce("", (first, second) -> second);
    }
}
