package io.latent4j.training.run;

import com.google.common.io.Closer;
import io.latent4j.core.weights.StoredType;
import io.latent4j.training.data.ArrayCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The caches of a run: latents, and the conditioning of texts. */
public final class RunCaches implements AutoCloseable {
    private final Path folder;
    private final TrainingLoop.Watcher watcher;
    private final List<ArrayCache> open = new ArrayList<>();

    private RunCaches(Path folder, TrainingLoop.Watcher watcher) {
        this.folder = folder;
        this.watcher = watcher;
    }

    /**
     * Opens nothing yet.
     *
     * @param folder empty for {@code cache} in the run's
     */
    public static RunCaches in(Optional<Path> folder, RunFolder output, TrainingLoop.Watcher watcher) {
        return new RunCaches(folder.orElse(output.path().resolve("cache")), watcher);
    }

    /** Opens a cache that {@link #close} closes. */
    public ArrayCache open(String name) throws IOException {
        ArrayCache cache = ArrayCache.open(folder, name, StoredType.F16, watcher::note);
        open.add(cache);
        return cache;
    }

    /** Writes what is not on disk yet; each is closed whatever becomes of the others. */
    @Override
    public void close() {
        try (Closer all = Closer.create()) {
            open.forEach(cache -> all.register(cache::close));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
