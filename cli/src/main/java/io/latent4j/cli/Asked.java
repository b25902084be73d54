package io.latent4j.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What was asked for on the command line, of which some cannot be done. */
final class Asked {
    private Asked() {}

    /** What {@code step} gives; what it refuses is the user's to put right. */
    static <T> T of(CommandSpec spec, Step<T> step) throws IOException {
        try {
            return step.run();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    interface Step<T> {
        T run() throws IOException;
    }
}
