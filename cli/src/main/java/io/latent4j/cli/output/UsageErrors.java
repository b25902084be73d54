package io.latent4j.cli.output;

import com.google.common.base.Throwables;
import io.latent4j.service.JobFailedException;
import io.latent4j.service.JobResult;
import io.latent4j.service.job.InvalidJobException;
import java.io.IOException;
import java.util.function.Supplier;
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

    /**
     * Returns the result of a job. One that cannot be run as it is described is a usage error, and of one that failed the cause
     * is thrown.
     */
    public static JobResult ofJob(CommandSpec spec, Supplier<JobResult> job) throws IOException {
        try {
            return job.get();
        } catch (InvalidJobException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (JobFailedException e) {
            Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
            Throwables.throwIfUnchecked(e.getCause());
            throw e;
        }
    }

    public interface Step<T> {
        T run() throws IOException;
    }
}
