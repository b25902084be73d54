package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.memory.Leases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
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
    void saysWhatIsOtherThanBefore() throws IOException {
        try (RunFolder run = RunFolder.open(folder, false)) {
            assertThat(run.compare(json("{a: {b: 1, c: [1]}, d: x}"))).isEmpty();
            run.begin();
            assertThat(run.compare(json("{a: {b: 1, c: [1]}, d: x}"))).isEmpty();
            assertThat(run.compare(json("{a: {b: 2, e: true}, d: x}")))
                    .containsExactly("a.b is 2, was 1", "a.c is gone, was [1]", "a.e is true, was not there");
            Files.writeString(folder.resolve("run.json"), "{");
            assertThatThrownBy(() -> run.compare(json("{}")))
                    .hasMessageContaining("run.json: is ")
                    .hasMessageEndingWith("; remove it to go on");
        }
    }

    @Test
    void recordsNothingOfAStartThatIsRefused() throws IOException {
        try (RunFolder run = RunFolder.open(folder, false)) {
            run.compare(json("{a: 1}"));
            run.begin();
        }
        try (RunFolder refused = RunFolder.open(folder, false)) {
            assertThat(refused.compare(json("{a: 2}"))).containsExactly("a is 2, was 1");
        }
        try (RunFolder run = RunFolder.open(folder, false)) {
            assertThat(run.compare(json("{a: 1}"))).isEmpty();
        }
    }

    @Test
    void comparesNumbersByTheirValue() throws IOException {
        try (RunFolder run = RunFolder.open(folder, false)) {
            run.compare(json("{rate: '1e-4', name: a, list: [1]}"));
            run.begin();
        }
        try (RunFolder run = RunFolder.open(folder, false)) {
            assertThat(run.compare(json("{rate: 0.00010, name: b, list: [1]}")))
                    .containsExactly("name is \"b\", was \"a\"");
        }
    }

    @Test
    void leavesNoFolderOfAStartThatIsRefused() {
        assertThatThrownBy(
                        () -> RunFolder.begin(folder.resolve("new"), false, new TrainingLoop.Watcher() {}, output -> {
                            throw new IOException("refused");
                        }))
                .hasMessage("refused");
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void waitsForItsUsersBeforeItFrees() throws IOException {
        RunFolder run = RunFolder.open(folder, false);
        try (Leases.Lease use = run.use()) {
            assertThatThrownBy(run::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the training is in use by the thread that closes it");
        }
        AtomicInteger freed = new AtomicInteger();
        run.close(freed::incrementAndGet);
        run.close(freed::incrementAndGet);
        assertThat(freed).hasValue(1);
        assertThat(run.isClosing()).isTrue();
        assertThatThrownBy(run::use)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the training is closed");
    }

    private static JsonObject json(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }
}
