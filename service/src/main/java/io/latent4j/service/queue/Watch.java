package io.latent4j.service.queue;

import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says at each beat that the running jobs' workers live, looks for what others left, and tells listeners of jobs that do not run
 * here. What is dearer than that is done less often.
 */
final class Watch {
    private static final Duration FORGET_EVERY = Duration.ofMinutes(1);
    private static final Duration NEW = Duration.ofHours(1); // files that may be about to become a job's images

    private final QueueParts queue;
    private final Trouble trouble = new Trouble();
    private final long lostEvery; // beats
    private final long forgetEvery;
    private long beats;

    Watch(QueueParts queue) {
        this.queue = queue;
        QueueOptions options = queue.options();
        this.lostEvery =
                Math.max(1, options.silence().toNanos() / options.beat().toNanos() / 4);
        this.forgetEvery = Math.max(1, FORGET_EVERY.toNanos() / options.beat().toNanos());
    }

    void beat() {
        Instant now = queue.now();
        each("say that it lives", () -> queue.running().values().forEach(run -> beat(run, now)));
        each("end what is late", () -> tellEnds(queue.store().expire(now)));
        if (beats % lostEvery == 0) {
            each(
                    "look for lost jobs",
                    () -> tellEnds(
                            queue.store().requeueLost(now.minus(queue.options().silence()), now)));
        }
        if (beats % forgetEvery == 0) {
            each(
                    "forget old jobs",
                    () -> queue.store()
                            .forget(
                                    now.minus(queue.options().keepFor()),
                                    queue.options().keep()));
        }
        each("clear up images", () -> clear((int) (beats % ImageFolder.PARTS), now));
        each("tell its listeners", this::tell);
        beats++;
    }

    /** A store that cannot be reached for one thing may be for another, or the next time. */
    private void each(String what, Runnable work) {
        try {
            work.run();
            trouble.worked(what);
        } catch (RuntimeException | Error e) {
            trouble.failed(what, e);
        }
    }

    private void beat(RunningJob run, Instant now) {
        queue.store().beat(run.worker(), now);
        if (!queue.store().toStop(run.worker(), Set.of(run.id())).isEmpty()) {
            run.cancel();
        }
    }

    /** Tells observers of those of these jobs that are at their ends. */
    private void tellEnds(List<String> ids) {
        ids.stream()
                .flatMap(id -> queue.store().find(id).stream())
                .filter(job -> job.state().isEnd())
                .forEach(job -> queue.listeners().tellObservers(job.id(), new JobEvent.Ended(job)));
    }

    private void clear(int part, Instant now) {
        try {
            queue.images().clear(part, now.minus(NEW), queue.store()::inUse);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private void tell() {
        Map<Listener, Long> heard = new LinkedHashMap<>(); // before the store is asked
        queue.listeners().all().forEach(listener -> heard.put(listener, listener.heard()));
        heard.keySet().removeIf(listener -> queue.running().containsKey(listener.job()));
        Map<String, Optional<StoredJob>> jobs = new HashMap<>();
        heard.keySet().forEach(listener -> jobs.computeIfAbsent(listener.job(), queue.store()::find));
        Map<String, Integer> places = places(jobs.values());
        heard.forEach((listener, seen) -> {
            jobs.get(listener.job())
                    .ifPresentOrElse(
                            job -> listener.update(job, seen, places.getOrDefault(job.id(), 0)), listener::close);
            listener.tell();
        });
    }

    /** How many go before each that waits, if any of {@code jobs} does. */
    private Map<String, Integer> places(Collection<Optional<StoredJob>> jobs) {
        Map<String, Integer> places = new HashMap<>();
        if (jobs.stream().flatMap(Optional::stream).anyMatch(job -> job.state() == JobState.QUEUED)) {
            queue.store().waiting().forEach(id -> places.put(id, places.size()));
        }
        return places;
    }
}
