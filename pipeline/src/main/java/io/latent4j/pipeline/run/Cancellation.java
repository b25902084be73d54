package io.latent4j.pipeline.run;

import io.latent4j.pipeline.Progress;
import java.util.concurrent.CancellationException;

/** Whether a run is to end: {@code progress} or an interrupt asks for it. */
public record Cancellation(Progress progress) {
    public static final Cancellation NEVER = new Cancellation(Progress.NONE);

    /** @throws CancellationException if the run is to end */
    public void check() {
        if (progress.cancelled() || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("generation was cancelled");
        }
    }
}
