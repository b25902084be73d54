package io.latent4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What killed processes left of unpacking native libraries. The engine unpacks them, up to 450 MB, to {@code tmp…} in its
 * cache and moves that to its place at the end; a process that is killed before leaves it for ever.
 */
final class KilledUnpacking {
    /** Unpacking takes seconds; what is older belongs to no process that lives. */
    private static final Duration AGE = Duration.ofHours(1);

    private static final Pattern DRAFT = Pattern.compile("tmp\\d+");
    private static final List<String> LIBRARIES = List.of("pytorch", "tokenizers");

    private KilledUnpacking() {}

    /** Deletes it in the engine's cache, {@code DJL_CACHE_DIR} or {@code ~/.djl.ai}. */
    static void delete() {
        String named = System.getProperty("DJL_CACHE_DIR", System.getenv().getOrDefault("DJL_CACHE_DIR", ""));
        Path cache = named.isEmpty() ? Path.of(System.getProperty("user.home"), ".djl.ai") : Path.of(named);
        delete(cache, Instant.now());
    }

    /**
     * Deletes what is old enough; what cannot be read or deleted stays.
     *
     * @param cache the engine's
     */
    static void delete(Path cache, Instant now) {
        LIBRARIES.forEach(library -> deleteIn(cache.resolve(library), now));
    }

    private static void deleteIn(Path library, Instant now) {
        try (Stream<Path> entries = Files.list(library)) {
            List<Path> drafts = entries.filter(entry ->
                            DRAFT.matcher(entry.getFileName().toString()).matches())
                    .toList();
            for (Path draft : drafts) {
                if (isOld(draft, now)) {
                    delete(draft);
                }
            }
        } catch (IOException e) {
            return; // there is no such folder yet, or it is another user's
        }
    }

    private static boolean isOld(Path draft, Instant now) throws IOException {
        try (Stream<Path> all = Files.walk(draft)) {
            for (Path path : all.toList()) {
                if (Files.getLastModifiedTime(path).toInstant().isAfter(now.minus(AGE))) {
                    return false;
                }
            }
            return true;
        }
    }

    private static void delete(Path draft) throws IOException {
        try (Stream<Path> all = Files.walk(draft)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
