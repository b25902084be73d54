package io.latent4j.server.api;

import io.latent4j.service.store.ImageFolder;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * How many bytes the images that are sent may take. Where there is no room, those are deleted that were not used for longest and
 * that no job needs, but none of the last hour; one client may send a quarter of all within an hour, so that it cannot fill the
 * folder with images that stay. Any number of threads may use it.
 */
final class UploadRoom {
    private static final int CLIENTS = 4; // that fill the folder within an hour
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MEASURED = Duration.ofMinutes(10); // after which it is measured again
    private static final List<Duration> AGES = List.of(
            Duration.ofDays(14),
            Duration.ofDays(7),
            Duration.ofDays(3),
            Duration.ofDays(1),
            Duration.ofHours(8),
            Duration.ofHours(3),
            HOUR);

    private final ImageFolder folder;
    private final long most;
    private final Supplier<Set<String>> needed;
    private final Clock clock;
    private final Map<String, TreeMap<Instant, Long>> sent = new HashMap<>(); // bytes of each minute, by client
    private long used;
    private Instant measured = Instant.MIN;

    /**
     * @param most bytes in all
     * @param needed returns the digests of images that jobs need
     */
    UploadRoom(ImageFolder folder, long most, Supplier<Set<String>> needed, Clock clock) {
        this.folder = folder;
        this.most = most;
        this.needed = needed;
        this.clock = clock;
    }

    /**
     * Takes room for an image.
     *
     * @throws ApiException if there is none
     * @throws IOException if the folder cannot be read, or a file cannot be deleted
     */
    synchronized void take(String client, long bytes) throws IOException {
        Instant now = clock.instant();
        sent.values().forEach(minutes -> minutes.headMap(now.minus(HOUR)).clear());
        sent.values().removeIf(Map::isEmpty);
        long before = sent.getOrDefault(client, new TreeMap<>()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        if (before + bytes > most / CLIENTS) {
            throw new ApiException(
                    429,
                    "too_many_uploads",
                    "this client has sent images of " + before + " bytes within an hour, and this one has " + bytes
                            + "; expected at most " + most / CLIENTS + " in an hour: try again later");
        }
        makeRoom(bytes, now);
        used += bytes;
        sent.computeIfAbsent(client, key -> new TreeMap<>())
                .merge(now.truncatedTo(ChronoUnit.MINUTES), bytes, Long::sum);
    }

    private void makeRoom(long bytes, Instant now) throws IOException {
        if (measured.isBefore(now.minus(MEASURED)) || used + bytes > most) {
            measure(now);
        }
        if (used + bytes <= most) {
            return;
        }
        Set<String> needed = this.needed.get(); // one that a job needs from now on is used now, and is not old
        for (Duration age : AGES) {
            for (int part = 0; part < ImageFolder.PARTS; part++) {
                folder.clear(part, now.minus(age), digests -> needed);
            }
            measure(now);
            if (used + bytes <= most) {
                return;
            }
        }
        throw new ApiException(
                507,
                "uploads_full",
                "the images that were sent take " + used + " bytes, and this one has " + bytes + "; expected at most "
                        + most + " in all: try again in an hour, when those that no job needs make room");
    }

    private void measure(Instant now) throws IOException {
        used = folder.bytes();
        measured = now;
    }
}
