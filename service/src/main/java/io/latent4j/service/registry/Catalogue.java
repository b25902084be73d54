package io.latent4j.service.registry;

import io.latent4j.core.config.EditDistance;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names, and what they stand for: those that were given, and those of the files in folders, which are looked through when they
 * are first asked for and again when that was a while ago. A file is called as it is without its ending; of several of one name
 * the one that is least deep is, and the others have their folders before it, and their endings if that is not enough.
 */
final class Catalogue {
    private static final Logger LOGGER = LoggerFactory.getLogger(Catalogue.class);
    private static final long OLD = Duration.ofSeconds(10).toNanos();
    private static final long OLD_IF_MISSED = Duration.ofSeconds(1).toNanos();
    private static final int NEAREST = 5;

    private final Map<EntryKind, Map<String, ModelEntry>> given = new EnumMap<>(EntryKind.class);
    private final Map<EntryKind, List<Path>> folders = new EnumMap<>(EntryKind.class);
    private final Map<EntryKind, Scanned> scanned = new EnumMap<>(EntryKind.class);
    private final Map<FolderScan.Found, Optional<String>> families = new ConcurrentHashMap<>();

    /** What was found of one kind. */
    private record Scanned(Map<String, ModelEntry> entries, long at) {}

    Catalogue() {
        for (EntryKind kind : EntryKind.values()) {
            given.put(kind, new TreeMap<>());
            folders.put(kind, new ArrayList<>());
        }
    }

    synchronized void add(ModelEntry entry) {
        given.get(entry.kind()).put(entry.name(), entry);
        scanned.remove(entry.kind());
    }

    /** @throws IOException if it is not there or cannot be read */
    synchronized void addFolder(EntryKind kind, Path folder) throws IOException {
        FolderScan.of(kind, folder);
        folders.get(kind).add(folder);
        scanned.remove(kind);
    }

    /** What was found before is looked for again. */
    synchronized void rescan() {
        scanned.clear();
    }

    /** All of a kind, by name. */
    synchronized List<ModelEntry> all(EntryKind kind) {
        return List.copyOf(entries(kind, OLD).values());
    }

    /**
     * The one of a name: the exact one, or else the only one that differs in case or in the ending of a file alone.
     */
    synchronized Optional<ModelEntry> find(EntryKind kind, String name) {
        return find(kind, name, entries(kind, OLD)).or(() -> find(kind, name, entries(kind, OLD_IF_MISSED)));
    }

    private static Optional<ModelEntry> find(EntryKind kind, String name, Map<String, ModelEntry> entries) {
        String stem = kind.stem(name).orElse(name);
        return Optional.ofNullable(entries.get(name))
                .or(() -> Optional.ofNullable(entries.get(stem)))
                .or(() -> {
                    List<ModelEntry> alike = entries.values().stream()
                            .filter(entry -> isLike(kind, entry.name(), name, stem))
                            .toList();
                    return alike.size() == 1 ? Optional.of(alike.get(0)) : Optional.empty();
                });
    }

    private static boolean isLike(EntryKind kind, String known, String name, String stem) {
        return known.equalsIgnoreCase(name) || kind.stem(known).orElse(known).equalsIgnoreCase(stem);
    }

    private Map<String, ModelEntry> entries(EntryKind kind, long old) {
        if (folders.get(kind).isEmpty()) {
            return given.get(kind);
        }
        Scanned last = scanned.get(kind);
        if (last == null || System.nanoTime() - last.at() > old) {
            last = new Scanned(scan(kind), System.nanoTime());
            scanned.put(kind, last);
        }
        return last.entries();
    }

    private Map<String, ModelEntry> scan(EntryKind kind) {
        Map<String, ModelEntry> entries = new TreeMap<>(given.get(kind));
        Map<FolderScan.Found, Optional<String>> known = new HashMap<>();
        for (Path folder : folders.get(kind)) {
            for (FolderScan.Found found : found(kind, folder)) {
                Optional<String> family =
                        kind == EntryKind.MODEL ? families.computeIfAbsent(found, Catalogue::family) : Optional.empty();
                known.put(found, family);
                String name = free(found, entries);
                entries.put(
                        name,
                        new ModelEntry(
                                kind,
                                name,
                                Optional.of(found.root().resolve(found.path()).toString()),
                                family,
                                found.bytes()));
            }
        }
        if (kind == EntryKind.MODEL) {
            families.keySet().retainAll(known.keySet());
        }
        return entries;
    }

    /** A folder that was there before and cannot be read now has nothing. */
    private static List<FolderScan.Found> found(EntryKind kind, Path folder) {
        try {
            return FolderScan.of(kind, folder);
        } catch (IOException e) {
            LOGGER.warn("{}", e.getMessage());
            return List.of();
        }
    }

    private static String free(FolderScan.Found found, Map<String, ModelEntry> taken) {
        List<String> names = found.names();
        for (String name : names) {
            if (!taken.containsKey(name)) {
                return name;
            }
        }
        String last = names.get(names.size() - 1);
        int number = 2;
        while (taken.containsKey(last + "-" + number)) {
            number++;
        }
        return last + "-" + number;
    }

    /** What the settings call a model, or the names of a single file's tensors; nothing if it is none that is known. */
    private static Optional<String> family(FolderScan.Found found) {
        Path place = found.root().resolve(found.path());
        try {
            return Optional.of(ModelFiles.of(place).json(ModelKind.INDEX).text("_class_name", ""))
                    .filter(name -> !name.isEmpty());
        } catch (IOException | IllegalArgumentException e) {
            LOGGER.info("{} is no model that is known: {}", place, e.getMessage());
            return Optional.empty();
        }
    }

    /** What to tell of a name that is none. */
    String missing(EntryKind kind, String name) {
        List<String> near = all(kind).stream()
                .map(ModelEntry::name)
                .sorted(Comparator.comparingInt(other -> EditDistance.between(name, other)))
                .limit(NEAREST)
                .toList();
        return "there is no " + kind.title() + " " + Shown.text(name) + "; "
                + (near.isEmpty() ? "none are listed" : "near it are " + String.join(", ", near));
    }
}
