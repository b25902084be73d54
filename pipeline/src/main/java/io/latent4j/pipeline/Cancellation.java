package io.latent4j.pipeline;

import java.util.concurrent.CancellationException;

/** Whether a run is to end: {@code progress} or an interrupt asks for it. */
record Cancellation(Progress progress) {
    static final Cancellation NEVER = new Cancellation(Progress.NONE);

    /** @throws CancellationException if the run is to end */
    void check() {
        if (progress.cancelled() || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("generation was cancelled");
        }
    }
}
