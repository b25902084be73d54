package io.latent4j.training;

import java.util.List;

/**
 * How to begin a run.
 *
 * @param fresh whether a run that is in the folder already is moved away, and not gone on with
 * @param changes to the run file: {@code training.rate=1e-4}, for instance
 */
public record StartOptions(boolean fresh, List<String> changes) {
    /** Goes on with what is there, as the run file says. */
    public static final StartOptions DEFAULT = new StartOptions(false, List.of());

    public StartOptions {
        changes = List.copyOf(changes);
    }
}
