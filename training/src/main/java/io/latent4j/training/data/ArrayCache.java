package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Arrays that were worth computing once, on disk: latents and hidden states of texts, by a key that names all that they
 * depend on ({@link #key}).
 *
 * <p>A folder holds safetensors files of some thousands of arrays, each written whole or not at all. Arrays stay on disk and
 * are read when they are asked for. Files and arrays that are damaged count as missing, with one warning for all; when new
 * arrays are written, damaged files are removed. Several runs may use one folder at a time: each sees what was there when it
 * started.
 *
 * <p>Any number of threads may read; writing is for one, because it uses the engine. What was put last is written by {@link
 * #close}.
 */
public final class ArrayCache implements AutoCloseable {
    private static final String SUFFIX = ".safetensors";
    private static final int MOST_ENTRIES = 4096; // of a file
    private static final long MOST_BYTES = 64L << 20;

    private final Path folder;
    private final String name;
    private final StoredType type;
    private final Consumer<String> warnings;
    private final Map<String, CacheFile.Place> places = new ConcurrentHashMap<>();
    private final Map<String, CachedArray> unwritten = new ConcurrentHashMap<>();
    private final List<CacheFile> files = new ArrayList<>();
    private final List<Path> damaged = new ArrayList<>();
    private long unwrittenBytes;
    private boolean warned;

    private ArrayCache(Path folder, String name, StoredType type, Consumer<String> warnings) {
        this.folder = folder;
        this.name = name;
        this.type = type;
        this.warnings = warnings;
    }

    /**
     * Opens a cache; the caller closes it.
     *
     * @param folder is made if it is not there
     * @param name of what is kept, {@code latents} for instance: several caches may share a folder
     * @param type to store arrays in, F16 or F32
     * @param warnings receives, once, that something was damaged
     * @throws IOException if the folder cannot be made or listed
     */
    public static ArrayCache open(Path folder, String name, StoredType type, Consumer<String> warnings)
            throws IOException {
        checkArgument(name.matches("[a-z][a-z0-9_]*"), "the name is \"%s\"; expected lower-case letters", name);
        checkArgument(type == StoredType.F16 || type == StoredType.F32, "the type is %s; expected F16 or F32", type);
        Files.createDirectories(folder);
        ArrayCache cache = new ArrayCache(folder, name, type, warnings);
        cache.openFiles();
        return cache;
    }

    private void openFiles() throws IOException {
        List<Path> found;
        try (Stream<Path> entries = Files.list(folder)) {
            found = entries.filter(file -> file.getFileName().toString().startsWith(name + "-"))
                    .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
        for (Path file : found) {
            try {
                CacheFile opened = CacheFile.open(file);
                files.add(opened);
                places.putAll(opened.places());
            } catch (IOException | IllegalArgumentException e) {
                damaged.add(file);
                warnOnce(e.getMessage());
            }
        }
    }

    private synchronized void warnOnce(String message) {
        if (!warned) {
            warned = true;
            warnings.accept(message + "; what was kept in it is computed again");
        }
    }

    /**
     * The key of everything that a value depends on.
     *
     * @param parts such as the image's content and the model that encodes it
     */
    public static String key(String... parts) {
        Hasher hasher = Hashing.sha256().newHasher();
        for (String part : parts) {
            hasher.putInt(part.length()).putString(part, StandardCharsets.UTF_8);
        }
        return hasher.hash().toString();
    }

    /** How many arrays there are. */
    public int size() {
        return (int) (places.size()
                + unwritten.keySet().stream()
                        .filter(key -> !places.containsKey(key))
                        .count());
    }

    /** Whether there is an array of this key; it may still turn out damaged. */
    public boolean contains(String key) {
        return unwritten.containsKey(key) || places.containsKey(key);
    }

    /** The array of a key, as precise as it is stored; nothing if there is none or it is damaged. */
    public Optional<CachedArray> get(String key) {
        CachedArray fresh = unwritten.get(key);
        if (fresh != null) {
            return Optional.of(fresh);
        }
        CacheFile.Place place = places.get(key);
        if (place == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(place.read());
        } catch (IOException e) {
            places.remove(key, place);
            warnOnce(e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Keeps an array, in place of one of the same key.
     *
     * @param key one line of text, see {@link #key}
     * @throws IllegalArgumentException if a number is not finite in the stored type
     * @throws IOException if the file that is full now cannot be written; nothing on disk was changed then
     */
    public synchronized void put(String key, CachedArray array) throws IOException {
        checkArgument(!key.isEmpty() && key.lines().count() == 1, "the key is \"%s\"; expected one line", key);
        CachedArray before = unwritten.put(key, array.as(type));
        unwrittenBytes += array.bytes(type) - (before == null ? 0 : before.bytes(type));
        if (unwritten.size() >= MOST_ENTRIES || unwrittenBytes >= MOST_BYTES) {
            flush();
        }
    }

    /**
     * Writes what is not on disk yet.
     *
     * @throws IOException if writing fails; nothing on disk was changed then
     */
    public synchronized void flush() throws IOException {
        if (unwritten.isEmpty()) {
            return;
        }
        Map<String, CachedArray> arrays = new LinkedHashMap<>();
        unwritten.keySet().stream().sorted().forEach(key -> arrays.put(key, unwritten.get(key)));
        String content = key(arrays.keySet().toArray(String[]::new)).substring(0, 16);
        Path file = folder.resolve(name + "-" + content + SUFFIX);
        CacheFile.write(file, arrays, type);
        CacheFile written = CacheFile.open(file);
        files.add(written);
        places.putAll(written.places());
        unwritten.keySet().removeAll(arrays.keySet());
        unwrittenBytes = 0;
        damaged.remove(file);
        for (Path old : damaged) {
            Files.deleteIfExists(old);
        }
        damaged.clear();
    }

    /** Writes what is not on disk yet and closes the files. */
    @Override
    public synchronized void close() throws IOException {
        try {
            flush();
        } finally {
            for (CacheFile file : files) {
                file.close();
            }
        }
    }

    @Override
    public String toString() {
        return folder + " (" + size() + " " + name + ")";
    }
}
