package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledUnpackingTest {
    @TempDir
    private Path cache;

    @Test
    void deletesOldDraftsAndNothingElse() throws IOException {
        Path draft = Files.createDirectories(cache.resolve("pytorch/tmp123"));
        Files.writeString(draft.resolve("libtorch.so"), "half");
        Path whole = Files.createDirectories(cache.resolve("pytorch/2.7.1-cpu-linux-x86_64"));
        Path mine = Files.createDirectories(cache.resolve("pytorch/tmpfiles"));
        Path elsewhere = Files.createDirectories(cache.resolve("other/tmp123"));
        KilledUnpacking.delete(cache, Instant.now());
        assertThat(draft).isDirectory();
        KilledUnpacking.delete(cache, Instant.now().plus(Duration.ofHours(2)));
        assertThat(draft).doesNotExist();
        assertThat(whole).isDirectory();
        assertThat(mine).isDirectory();
        assertThat(elsewhere).isDirectory();
    }

    @Test
    void aCacheThatIsNotThereIsNoFault() {
        KilledUnpacking.delete(cache.resolve("none"), Instant.now());
        assertThat(cache.resolve("none")).doesNotExist();
    }
}
