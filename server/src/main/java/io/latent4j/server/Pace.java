package io.latent4j.server;

import io.latent4j.service.store.StoredJob;
import java.time.Duration;

/** How long jobs take here, for a word on when to try again. */
final class Pace {
    private static final double NEWEST = 0.2;
    private static final int LONGEST = 600;
    private double seconds = 1;

    /** A job has ended. */
    synchronized void ended(StoredJob job) {
        if (job.started().isPresent() && job.ended().isPresent()) {
            double took =
                    Duration.between(job.started().get(), job.ended().get()).toMillis() / 1000.0;
            seconds += NEWEST * (took - seconds);
        }
    }

    /** After how many seconds a client may try again, where so many jobs wait: when a place is free. */
    synchronized long retryAfter(int waiting) {
        return waiting == 0 ? 1 : Math.max(1, Math.min(LONGEST, Math.round(Math.ceil(seconds))));
    }
}
