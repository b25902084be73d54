package io.latent4j.service.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Jobs in memory, which end with the process. */
public final class MemoryJobStore implements JobStore {
    private static final Comparator<Entry> NEXT_FIRST = Comparator.comparingInt((Entry e) -> -e.job.priority())
            .thenComparingLong(e -> e.turn)
            .thenComparingLong(e -> e.job.number());

    private final Map<String, Entry> byId = new HashMap<>();
    private final TreeMap<Long, Entry> byNumber = new TreeMap<>();
    private final Map<String, Instant> beats = new HashMap<>();
    private long numbers;
    private final Map<Integer, Long> lastTurns = new HashMap<>(); // by priority

    private static final class Entry {
        private StoredJob job;
        private final long turn;

        Entry(StoredJob job, long turn) {
            this.job = job;
            this.turn = turn;
        }

        boolean is(JobState state) {
            return job.state() == state;
        }

        boolean isOf(String worker) {
            return is(JobState.RUNNING) && job.worker().equals(Optional.of(worker));
        }
    }

    @Override
    public synchronized StoredJob add(NewJob job, QueueBounds bounds) {
        if (byId.containsKey(job.id())) {
            throw new JobExistsException(job.id());
        }
        List<Entry> ofClient = waitingEntries()
                .filter(e -> e.job.client().equals(job.client()))
                .toList();
        bounds.check(waitingCount(), ofClient.size());
        long turn = ofClient.stream()
                .filter(e -> e.job.priority() == job.priority())
                .mapToLong(e -> e.turn)
                .reduce(lastTurns.getOrDefault(job.priority(), 0L), Math::max);
        Entry entry = new Entry(StoredJob.accepted(++numbers, job), turn + 1);
        byId.put(job.id(), entry);
        byNumber.put(entry.job.number(), entry);
        return entry.job;
    }

    private Stream<Entry> waitingEntries() {
        return byNumber.values().stream().filter(e -> e.is(JobState.QUEUED));
    }

    @Override
    public synchronized Optional<StoredJob> claim(String worker, Instant now) {
        Optional<Entry> next = waitingEntries().min(NEXT_FIRST);
        next.ifPresent(e -> {
            lastTurns.merge(e.job.priority(), e.turn, Math::max);
            e.job = e.job.claimed(worker, now);
            beats.put(worker, now);
        });
        return next.map(e -> e.job);
    }

    @Override
    public synchronized void beat(String worker, Instant now) {
        beats.put(worker, now);
    }

    @Override
    public synchronized List<String> requeueLost(Instant silentSince, Instant now) {
        List<Entry> lost = byNumber.values().stream()
                .filter(e -> e.is(JobState.RUNNING)
                        && e.job.worker()
                                .map(beats::get)
                                .filter(beat -> !beat.isBefore(silentSince))
                                .isEmpty())
                .toList();
        lost.forEach(e -> e.job = e.job.lost(now));
        beats.values().removeIf(beat -> beat.isBefore(silentSince));
        return lost.stream().map(e -> e.job.id()).toList();
    }

    @Override
    public synchronized boolean release(String id, String worker, Instant now) {
        return change(id, worker, job -> job.released(now));
    }

    @Override
    public synchronized boolean addImage(String id, String worker, StoredImage image) {
        return change(id, worker, job -> job.with(image));
    }

    @Override
    public synchronized boolean end(String id, String worker, JobEnd end) {
        return change(id, worker, job -> job.ended(end));
    }

    private boolean change(String id, String worker, UnaryOperator<StoredJob> change) {
        Entry entry = byId.get(id);
        if (entry == null || !entry.isOf(worker)) {
            return false;
        }
        entry.job = change.apply(entry.job);
        return true;
    }

    @Override
    public synchronized Optional<StoredJob> cancel(String id, Instant now) {
        Entry entry = byId.get(id);
        if (entry == null) {
            return Optional.empty();
        }
        entry.job = entry.job.cancelled(now);
        return Optional.of(entry.job);
    }

    @Override
    public synchronized Set<String> toStop(String worker, Set<String> running) {
        Set<String> stop = new HashSet<>();
        for (String id : running) {
            Entry entry = byId.get(id);
            if (entry == null || !entry.isOf(worker) || entry.job.cancelling()) {
                stop.add(id);
            }
        }
        return stop;
    }

    @Override
    public synchronized List<String> expire(Instant now) {
        List<Entry> late = waitingEntries()
                .filter(e -> e.job.deadline().filter(d -> !d.isAfter(now)).isPresent())
                .toList();
        late.forEach(e -> e.job = e.job.expired(now));
        return late.stream().map(e -> e.job.id()).toList();
    }

    @Override
    public synchronized Optional<StoredJob> find(String id) {
        return Optional.ofNullable(byId.get(id)).map(e -> e.job);
    }

    @Override
    public synchronized List<StoredJob> list(JobQuery query) {
        var entries =
                query.before().isPresent() ? byNumber.headMap(query.before().getAsLong(), false) : byNumber;
        return entries.descendingMap().values().stream()
                .map(e -> e.job)
                .filter(job -> wanted(job, query))
                .limit(query.limit())
                .toList();
    }

    private static boolean wanted(StoredJob job, JobQuery query) {
        return (query.states().isEmpty() || query.states().contains(job.state()))
                && query.client().filter(client -> !client.equals(job.client())).isEmpty()
                && query.text().filter(text -> !has(job, text)).isEmpty();
    }

    private static boolean has(StoredJob job, String text) {
        return job.spec().request().prompt().text().toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
    }

    @Override
    public synchronized List<String> waiting() {
        return waitingEntries().sorted(NEXT_FIRST).map(e -> e.job.id()).toList();
    }

    @Override
    public synchronized int waitingCount() {
        return (int) waitingEntries().count();
    }

    @Override
    public synchronized int runningCount() {
        return (int)
                byNumber.values().stream().filter(e -> e.is(JobState.RUNNING)).count();
    }

    @Override
    public synchronized int forget(Instant endedBefore, int most) {
        List<Entry> ended = new ArrayList<>(byNumber.values().stream()
                .filter(e -> e.job.state().isEnd())
                .sorted(Comparator.comparing(e -> e.job.ended().orElseThrow()))
                .toList());
        int forgotten = 0;
        for (Entry entry : ended) {
            if (ended.size() - forgotten > most
                    || entry.job.ended().orElseThrow().isBefore(endedBefore)) {
                remove(entry);
                forgotten++;
            }
        }
        return forgotten;
    }

    @Override
    public synchronized boolean forget(String id) {
        Entry entry = byId.get(id);
        if (entry == null || !entry.job.state().isEnd()) {
            return false;
        }
        remove(entry);
        return true;
    }

    private void remove(Entry entry) {
        byId.remove(entry.job.id());
        byNumber.remove(entry.job.number());
    }

    @Override
    public synchronized Set<String> inUse(Set<String> digests) {
        Set<String> used = new HashSet<>();
        images().map(StoredImage::digest).filter(digests::contains).forEach(used::add);
        return used;
    }

    @Override
    public synchronized Optional<StoredImage> image(String digest) {
        Objects.requireNonNull(digest, "digest");
        return images().filter(image -> image.digest().equals(digest)).findFirst();
    }

    private Stream<StoredImage> images() {
        return byNumber.values().stream().flatMap(e -> e.job.images().stream());
    }

    @Override
    public void close() {}
}
