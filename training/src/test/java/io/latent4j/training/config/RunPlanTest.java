package io.latent4j.training.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RunPlanTest {
    @TempDir
    private Path folder;

    @Test
    void takesPathsFromTheFilesFolder() throws IOException {
        Config file = read("output: runs/a\ncache: /b\nseed: 7\n");
        RunPlan plan = RunPlan.read(file);
        assertThat(plan.output()).isEqualTo(folder.resolve("runs/a"));
        assertThat(plan.seed()).isEqualTo(7);
        assertThat(file.path("cache")).contains(folder.getRoot().resolve("b"));
        assertThat(file.path("none")).isEmpty();
        assertThatThrownBy(() -> RunPlan.read(read("seed: 1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder.resolve("run.yaml") + ": output is missing; expected a value");
    }

    @Test
    void recordsChangesToo() throws IOException {
        Config file = read(
                "output: a\ntraining: {steps: 5, betas: [0.9, 0.99]}",
                "training.rate=1e-4",
                "training.betas=[0.5, 0.6]",
                "loss.discriminator.start=7",
                "output=x=y");
        assertThat(RunPlan.read(file).values().toString())
                .isEqualTo("{\"output\":\"x=y\",\"training\":{\"steps\":5,\"betas\":[0.5,0.6],\"rate\":1.0E-4},"
                        + "\"loss\":{\"discriminator\":{\"start\":7}}}");
    }

    private static List<Arguments> damaged() {
        String doubled = IntStream.range(1, 40)
                .mapToObj(i -> "a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1))
                .collect(Collectors.joining("", "a0: &a0 [1, 2]\n", ""));
        return List.of(
                Arguments.of("seed: !!binary aGVsbG8=", "plain values only"),
                Arguments.of("seed: 1\nseed: 2", "the key seed twice"),
                Arguments.of("seed: [1\nsteps: 2", "line 2, column 6"),
                Arguments.of("seed: 1\0", "is not YAML"),
                Arguments.of("- 1", "is a list; expected keys and values"),
                Arguments.of("", "is empty; expected keys and values"),
                Arguments.of("a: &a [*a]", "inside what it stands for"),
                Arguments.of("a: " + "[".repeat(100_000), "nested more than"),
                Arguments.of(doubled, ""));
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void refusesWhatIsNoRunFileInOneLineThatNamesIt(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder.resolve("run.yaml").toString())
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1).hasSizeLessThan(600));
    }

    @Test
    void namesAFileThatIsNotUtf8OrNotThere() throws IOException {
        Path file = Files.write(folder.resolve("run.yaml"), new byte[] {'#', ' ', (byte) 0x84, '\n'});
        assertThatThrownBy(() -> RunPlan.file(file, StartOptions.DEFAULT))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("UTF-8");
        Path none = folder.resolve("none.yaml");
        assertThatThrownBy(() -> RunPlan.file(none, StartOptions.DEFAULT))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage(none + ": does not exist; expected a run file; check the path");
        assertThatThrownBy(() -> RunPlan.file(folder, StartOptions.DEFAULT))
                .hasMessage(folder + ": is a folder; expected a run file; check the path");
    }

    private Config read(String yaml, String... changes) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, yaml);
        return RunPlan.file(file, new StartOptions(false, List.of(changes)));
    }
}
