package io.latent4j.training.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Shown;
import io.latent4j.core.memory.Leases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The folder of a run, in which one process at a time works. It also counts who uses what the run has in memory, so that
 * nothing is freed that is in use: {@link #use} and {@link #close(Runnable)}.
 */
public final class RunFolder implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final String VALUES = "run.json";

    private final Path path;
    private final FileChannel lock;
    private final Optional<Path> moved;
    private final boolean isNew;
    private final Leases uses = new Leases("the training");
    private Optional<JsonObject> unrecorded = Optional.empty();

    private RunFolder(Path path, FileChannel lock, Optional<Path> moved, boolean isNew) {
        this.path = path;
        this.lock = lock;
        this.moved = moved;
        this.isNew = isNew;
    }

    /**
     * Makes the folder, or takes the one that is there.
     *
     * @param fresh whether one that is there and not empty is renamed first, to the first free of FOLDER-1, FOLDER-2…
     * @throws IOException if another process works in it, or it cannot be made
     */
    public static RunFolder open(Path folder, boolean fresh) throws IOException {
        Path path = folder.toAbsolutePath().normalize();
        Optional<Path> moved = Optional.empty();
        if (fresh && hasContent(path)) {
            lock(path).close(); // nobody works there
            moved = Optional.of(free(path));
            Files.move(path, moved.get());
        }
        boolean isNew = Files.notExists(path);
        create(path);
        return new RunFolder(path, lock(path), moved, isNew);
    }

    /** Makes a run ready in its folder. */
    @FunctionalInterface
    public interface Opening<T> {
        T open(RunFolder output) throws IOException;
    }

    /**
     * Opens a run in a folder, which the run closes. Where the run cannot be opened, this closes the folder, and removes it if
     * it made it and it is empty.
     *
     * @param fresh as {@link #open} takes it
     */
    public static <T> T begin(Path folder, boolean fresh, TrainingLoop.Watcher watcher, Opening<T> opening)
            throws IOException {
        RunFolder output = open(folder, fresh);
        try {
            output.moved.ifPresent(to -> watcher.note("the run that was there is in " + to + " now"));
            return opening.open(output);
        } catch (IOException | RuntimeException | Error e) {
            try (output) {
                output.removeIfUnused();
                throw e;
            }
        }
    }

    private static void create(Path path) throws IOException {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new IOException(path + ": the output folder cannot be made (" + e + "); name another as output", e);
        }
    }

    private static boolean hasContent(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.anyMatch(entry -> !entry.endsWith(LOCK));
        }
    }

    private static Path free(Path path) {
        for (int i = 1; ; i++) {
            Path candidate = path.resolveSibling(path.getFileName() + "-" + i);
            if (Files.notExists(candidate)) {
                return candidate;
            }
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // another run of this process: as below
        }
        channel.close();
        throw new IOException(
                path + ": another run is at work here; wait for it, end it, or name another output folder");
    }

    public Path path() {
        return path;
    }

    /** Where something the run makes stands as it is after step {@code step}: {@code name-step-00000200ending}. */
    public Path after(long step, String name, String ending) {
        return path.resolve("%s-step-%08d%s".formatted(name, step, ending));
    }

    /** Where what was here has gone. */
    Optional<Path> moved() {
        return moved;
    }

    /**
     * Compares what the run is run with to the last time; {@link #begin} records it.
     *
     * @param values of the run file
     * @return what differs, a line each: {@code training.rate is 1e-4, was 2e-4}
     * @throws IOException if the record of the last time is damaged
     */
    public List<String> compare(JsonObject values) throws IOException {
        unrecorded = Optional.of(values);
        Path file = path.resolve(VALUES);
        if (Files.notExists(file)) {
            return List.of();
        }
        try {
            return changes(flat(Config.read(file).json()), flat(values));
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; remove it to go on", e);
        }
    }

    /** Records what the run is run with, as its first step begins: a start that is refused leaves no trace. */
    public void begin() throws IOException {
        if (unrecorded.isPresent()) {
            Path draft = path.resolve("." + VALUES + ".draft");
            ModelFolder.json(draft, unrecorded.get());
            Synced.move(draft, path.resolve(VALUES));
            unrecorded = Optional.empty();
        }
    }

    /**
     * Begins a use of what the run has in memory, which ends when the lease is closed.
     *
     * @throws IllegalStateException if the run is closed
     */
    public Leases.Lease use() {
        return uses.lease();
    }

    /** Whether the run is being closed: what uses it stops early. */
    boolean isClosing() {
        return uses.isClosed();
    }

    private static List<String> changes(Map<String, JsonElement> before, Map<String, JsonElement> now) {
        Set<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(now.keySet());
        List<String> changes = new ArrayList<>();
        for (String key : keys) {
            if (!now.containsKey(key)) {
                changes.add(Shown.text(key) + " is gone, was " + shown(before.get(key)));
            } else if (!before.containsKey(key) || !isSame(now.get(key), before.get(key))) {
                String was = before.containsKey(key) ? "was " + shown(before.get(key)) : "was not there";
                changes.add(key + " is " + now.get(key) + ", " + was);
            }
        }
        return changes;
    }

    /** A value of a file, which may have been changed from outside. */
    private static String shown(JsonElement value) {
        return Shown.text(value.toString());
    }

    /** Whether two values are one, though a number may be written in several ways: 1e-4 and 0.0001. */
    private static boolean isSame(JsonElement now, JsonElement before) {
        if (now.equals(before)) {
            return true;
        }
        try {
            return now.isJsonPrimitive()
                    && before.isJsonPrimitive()
                    && new BigDecimal(now.getAsString()).compareTo(new BigDecimal(before.getAsString())) == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static Map<String, JsonElement> flat(JsonObject values) {
        Map<String, JsonElement> flat = new TreeMap<>();
        values.asMap().forEach((key, value) -> {
            if (value.isJsonObject()) {
                flat(value.getAsJsonObject()).forEach((rest, each) -> flat.put(key + "." + rest, each));
            } else {
                flat.put(key, value);
            }
        });
        return flat;
    }

    private void removeIfUnused() throws IOException {
        if (isNew && !hasContent(path)) {
            Files.deleteIfExists(path.resolve(LOCK));
            Files.deleteIfExists(path);
        }
    }

    /**
     * Has what uses the run stop, waits for it, runs {@code free}, and lets other processes work in the folder. Closing it
     * again has no effect.
     *
     * @throws IllegalStateException if this thread uses the run itself; nothing is closed then
     */
    public void close(Runnable free) {
        uses.close(() -> {
            try (FileChannel last = lock) {
                free.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** {@link #close(Runnable)} of a run that has nothing else to free. */
    @Override
    public void close() {
        close(() -> {});
    }
}
