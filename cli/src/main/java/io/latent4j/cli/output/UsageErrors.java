package io.latent4j.cli.output;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Turns refusals of a request into usage errors of the command, with its usage line and exit code 2. */
public final class UsageErrors {
    private UsageErrors() {}

    /** Returns the result of {@code step}; an {@link IllegalArgumentException} becomes a usage error. */
    public static <T> T of(CommandSpec spec, Step<T> step) throws IOException {
        try {
            return step.run();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    public interface Step<T> {
        T run() throws IOException;
    }
}
