package io.latent4j.service.queue;

import io.latent4j.service.store.QueueBounds;
import java.time.Duration;
import java.util.Objects;

/**
 * How a queue works.
 *
 * @param bounds how many jobs may wait
 * @param workers how many jobs run at a time, 1 to 64: one for each device
 * @param beat how often a worker says that it lives, and looks for jobs that others left
 * @param silence a worker that was not heard of for so long has died; more than three beats
 * @param previewEvery how often a step is decoded for a preview, at most
 * @param keepFor how long jobs that ended are kept
 * @param keep how many jobs that ended are kept
 */
public record QueueOptions(
        QueueBounds bounds,
        int workers,
        Duration beat,
        Duration silence,
        Duration previewEvery,
        Duration keepFor,
        int keep) {
    private static final int MOST_WORKERS = 64;
    private static final int BEATS = 3;

    /** 100 jobs, 20 of one client, one at a time; 10,000 jobs are kept for 30 days. */
    public static final QueueOptions DEFAULT = new QueueOptions(
            new QueueBounds(100, 20),
            1,
            Duration.ofSeconds(2),
            Duration.ofSeconds(20),
            Duration.ofMillis(400),
            Duration.ofDays(30),
            10_000);

    public QueueOptions {
        Objects.requireNonNull(bounds, "bounds");
        if (workers < 1 || workers > MOST_WORKERS) {
            throw new IllegalArgumentException("there are " + workers + " workers; expected 1 to " + MOST_WORKERS);
        }
        if (beat.isNegative() || beat.isZero() || silence.compareTo(beat.multipliedBy(BEATS)) <= 0) {
            throw new IllegalArgumentException("a worker beats every " + beat + ", and is dead after " + silence
                    + " of silence; expected more than three beats");
        }
        if (previewEvery.isNegative() || keepFor.isNegative() || keep < 0) {
            throw new IllegalArgumentException("expected no negative durations and numbers");
        }
    }

    /** The same with other bounds. */
    public QueueOptions withBounds(QueueBounds bounds) {
        return new QueueOptions(bounds, workers, beat, silence, previewEvery, keepFor, keep);
    }

    /** The same with so many jobs at a time. */
    public QueueOptions withWorkers(int workers) {
        return new QueueOptions(bounds, workers, beat, silence, previewEvery, keepFor, keep);
    }

    /** The same with a worker's beat and the silence after which it is dead. */
    public QueueOptions withBeat(Duration beat, Duration silence) {
        return new QueueOptions(bounds, workers, beat, silence, previewEvery, keepFor, keep);
    }

    /** The same keeping jobs that ended for so long, and so many of them. */
    public QueueOptions keeping(Duration keepFor, int keep) {
        return new QueueOptions(bounds, workers, beat, silence, previewEvery, keepFor, keep);
    }
}
