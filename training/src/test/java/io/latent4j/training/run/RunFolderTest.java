package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir
    private Path folder;

    @Test
    void letsOneRunIn() throws IOException {
        Path path = folder.resolve("run");
        try (RunFolder first = RunFolder.open(path, false)) {
            assertThat(first.path()).isDirectory();
            assertThatThrownBy(() -> RunFolder.open(path, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another run is at work here");
            Files.writeString(path.resolve("metrics.csv"), "step");
            assertThatThrownBy(() -> RunFolder.open(path, true)).hasMessageContaining("another run is at work here");
            assertThat(path.resolve("metrics.csv")).exists();
        }
        RunFolder.open(path, false).close();
    }

    @Test
    void movesARunAwayToBeginAnew() throws IOException {
        Path path = folder.resolve("run");
        for (int i = 1; i <= 2; i++) {
            RunFolder.open(path, false).close();
            Files.writeString(path.resolve("metrics.csv"), "step " + i);
            try (RunFolder fresh = RunFolder.open(path, true)) {
                assertThat(fresh.moved()).contains(folder.resolve("run-" + i));
                assertThat(path.resolve("metrics.csv")).doesNotExist();
            }
            assertThat(folder.resolve("run-" + i).resolve("metrics.csv")).hasContent("step " + i);
        }
        try (RunFolder again = RunFolder.open(path, true)) {
            assertThat(again.moved()).as("what had nothing in it").isEmpty();
        }
    }

    @Test
    void tellsWhatIsOtherThanBefore() throws IOException {
        try (RunFolder run = RunFolder.open(folder, false)) {
            assertThat(run.record(json("{a: {b: 1, c: [1]}, d: x}"))).isEmpty();
            assertThat(run.record(json("{a: {b: 1, c: [1]}, d: x}"))).isEmpty();
            assertThat(run.record(json("{a: {b: 2, e: true}, d: x}")))
                    .containsExactly("a.b is 2, was 1", "a.c is gone, was [1]", "a.e is true, was not there");
            Files.writeString(folder.resolve("run.json"), "{");
            assertThatThrownBy(() -> run.record(json("{}"))).hasMessageContaining("run.json is damaged");
        }
    }

    private static JsonObject json(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }
}
