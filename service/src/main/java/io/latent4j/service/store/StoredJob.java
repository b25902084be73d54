package io.latent4j.service.store;

import io.latent4j.service.job.JobSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A job that was accepted, as it stands. Times are cut to the millisecond.
 *
 * @param number jobs are numbered in the order in which they were accepted
 * @param id by which it is found
 * @param client who asked for it
 * @param label for whom, as the client said
 * @param priority a higher one goes first
 * @param spec what it is to make, with its seed
 * @param state where it is
 * @param accepted when
 * @param deadline when it is no longer wanted
 * @param started when a worker took it, the last time
 * @param ended when it reached its end
 * @param worker who has it, or had it last
 * @param attempts how often a worker took it
 * @param cancelling whether it was cancelled while it runs
 * @param error why it failed
 * @param warnings what had no effect, or another one than expected
 * @param images that are finished, by index
 */
public record StoredJob(
        long number,
        String id,
        String client,
        String label,
        int priority,
        JobSpec spec,
        JobState state,
        Instant accepted,
        Optional<Instant> deadline,
        Optional<Instant> started,
        Optional<Instant> ended,
        Optional<String> worker,
        int attempts,
        boolean cancelling,
        Optional<JobError> error,
        List<String> warnings,
        List<StoredImage> images) {
    /** The error of a job whose deadline is over. */
    public static final String TOO_LATE = "its deadline was over before it was done";

    public StoredJob {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(state, "state");
        accepted = accepted.truncatedTo(ChronoUnit.MILLIS);
        deadline = deadline.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
        started = started.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
        ended = ended.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
        Objects.requireNonNull(worker, "worker");
        Objects.requireNonNull(error, "error");
        warnings = List.copyOf(warnings);
        images = List.copyOf(images);
    }

    /** A job that was accepted just now. */
    public static StoredJob accepted(long number, NewJob job) {
        return new StoredJob(
                number,
                job.id(),
                job.client(),
                job.label(),
                job.priority(),
                job.spec(),
                JobState.QUEUED,
                job.accepted(),
                job.deadline(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                false,
                Optional.empty(),
                List.of(),
                List.of());
    }

    /** This when a worker has taken it. */
    public StoredJob claimed(String by, Instant now) {
        return with(JobState.RUNNING, Optional.of(now), ended, Optional.of(by), attempts + 1, false, error, warnings);
    }

    /** This when its worker has fallen silent: it waits again, or is at its end. */
    public StoredJob lost(Instant now) {
        if (cancelling) {
            return ended(JobEnd.cancelled(warnings, now));
        }
        if (attempts >= JobStore.MOST_ATTEMPTS) {
            return ended(JobEnd.failed(
                    new JobError(
                            JobError.Kind.FAILED,
                            "it was begun " + attempts + " times, and each time its process ended before it"),
                    warnings,
                    now));
        }
        return with(JobState.QUEUED, started, ended, worker, attempts, false, error, warnings);
    }

    /** This when its worker has given it back: it waits again, or is at its end if it was cancelled meanwhile. */
    public StoredJob released(Instant now) {
        return cancelling
                ? ended(JobEnd.cancelled(warnings, now))
                : with(JobState.QUEUED, started, ended, worker, attempts - 1, false, error, warnings);
    }

    /** This at its end. */
    public StoredJob ended(JobEnd end) {
        return with(
                end.state(), started, Optional.of(end.at()), worker, attempts, cancelling, end.error(), end.warnings());
    }

    /** This when it was cancelled: at its end if it waited, or marked if it runs. */
    public StoredJob cancelled(Instant now) {
        return switch (state) {
            case QUEUED -> ended(JobEnd.cancelled(warnings, now));
            case RUNNING -> with(state, started, ended, worker, attempts, true, error, warnings);
            default -> this;
        };
    }

    /** This when its deadline is over. */
    public StoredJob expired(Instant now) {
        return ended(JobEnd.failed(new JobError(JobError.Kind.DEADLINE, TOO_LATE), warnings, now));
    }

    /** This with another image, unless there is one of its index. */
    public StoredJob with(StoredImage image) {
        if (images.stream().anyMatch(there -> there.index() == image.index())) {
            return this;
        }
        List<StoredImage> more = new ArrayList<>(images);
        more.add(image);
        more.sort(Comparator.comparingInt(StoredImage::index));
        return new StoredJob(
                number,
                id,
                client,
                label,
                priority,
                spec,
                state,
                accepted,
                deadline,
                started,
                ended,
                worker,
                attempts,
                cancelling,
                error,
                warnings,
                more);
    }

    private StoredJob with(
            JobState state,
            Optional<Instant> started,
            Optional<Instant> ended,
            Optional<String> worker,
            int attempts,
            boolean cancelling,
            Optional<JobError> error,
            List<String> warnings) {
        return new StoredJob(
                number,
                id,
                client,
                label,
                priority,
                spec,
                state,
                accepted,
                deadline,
                started,
                ended,
                worker,
                attempts,
                cancelling,
                error,
                warnings,
                images);
    }

    /** How many images it is to have. */
    public int count() {
        return spec.request().batch().count();
    }
}
