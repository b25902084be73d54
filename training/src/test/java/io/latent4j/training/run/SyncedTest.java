package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncedTest {
    @TempDir
    private Path folder;

    @Test
    void aFolderThatCannotBeForcedEndsNothing() {
        assertThatCode(() -> Synced.entries(folder.resolve("none"))).doesNotThrowAnyException();
    }

    @Test
    void movesAFileOverWhatWasThere() throws IOException {
        Path draft = Files.writeString(folder.resolve("draft"), "new");
        Path file = Files.writeString(folder.resolve("file"), "old");
        Synced.move(draft, file);
        assertThat(file).hasContent("new");
        assertThat(draft).doesNotExist();
    }
}
