package io.latent4j.training.config;

import io.latent4j.training.data.CaptionedImages;
import java.util.List;
import java.util.Optional;

/**
 * How to begin a run.
 *
 * @param fresh whether a run that is in the folder already is moved away, and not gone on with
 * @param changes to the run file: {@code training.rate=1e-4}, for instance
 * @param images to train on, instead of what the run file's {@code data} could name
 */
public record StartOptions(boolean fresh, List<String> changes, Optional<CaptionedImages> images) {
    /** Goes on with what is there, as the run file says. */
    public static final StartOptions DEFAULT = new StartOptions(false, List.of());

    public StartOptions {
        changes = List.copyOf(changes);
    }

    /** With the images that the run file names. */
    public StartOptions(boolean fresh, List<String> changes) {
        this(fresh, changes, Optional.empty());
    }

    /**
     * These options with images that the program has or makes; the run file then names neither a folder nor scenes. A run
     * that goes on must be given the same ones in the same order.
     */
    public StartOptions withImages(CaptionedImages images) {
        return new StartOptions(fresh, changes, Optional.of(images));
    }
}
