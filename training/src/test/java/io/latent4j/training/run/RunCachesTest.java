package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.types.Shape;
import io.latent4j.training.Silent;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.CachedArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCachesTest {
    @TempDir
    private Path folder;

    @Test
    void areAllClosedWhereOneCannotBeWritten() throws IOException {
        try (RunFolder run = RunFolder.open(folder.resolve("run"), false)) {
            RunCaches caches = RunCaches.in(Optional.empty(), run, new Silent(loss -> {}));
            for (String name : new String[] {"latents", "texts"}) {
                ArrayCache cache = caches.open(name);
                cache.put(ArrayCache.key("a"), new CachedArray(new Shape(1), new float[] {1}));
            }
            Path cache = folder.resolve("run/cache");
            Files.delete(cache);
            Files.createFile(cache); // where a folder is to be
            Throwable thrown = catchThrowable(caches::close);
            assertThat(thrown).isInstanceOf(UncheckedIOException.class);
            assertThat(thrown.getCause().getSuppressed()).hasSize(1).allMatch(IOException.class::isInstance);
        }
    }
}
