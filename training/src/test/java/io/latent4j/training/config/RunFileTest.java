package io.latent4j.training.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.training.run.LoopFile;
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

class RunFileTest {
    @TempDir
    private Path folder;

    @Test
    void takesPathsFromItsFolder() throws IOException {
        RunFile file = read("output: runs/a\nabsolute: /b\n");
        assertThat(file.requiredPath("output")).isEqualTo(folder.resolve("runs/a"));
        assertThat(file.path("absolute")).contains(folder.getRoot().resolve("b"));
        assertThat(file.path("none")).isEmpty();
    }

    @Test
    void readsWhatChangesSay() throws IOException {
        RunFile file = read(
                "training: {steps: 5, betas: [0.9, 0.99]}",
                "training.rate=1e-4",
                "training.betas=[0.5, 0.6]",
                "loss.discriminator.start=7",
                "output=x=y");
        assertThat(file.section("training").real("rate")).contains(1e-4);
        assertThat(file.section("training").integer("steps", 1, 9)).isEqualTo(5);
        assertThat(file.section("training").reals("betas", List.of(0.0, 0.0))).containsExactly(0.5, 0.6);
        assertThat(file.section("loss").section("discriminator").integer("start", 0, 0))
                .isEqualTo(7);
        assertThat(file.requiredText("output")).isEqualTo("x=y");
    }

    @Test
    void refusesChangesThatAreNone() {
        assertThatThrownBy(() -> read("seed: 1", "training.rate"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"training.rate\" changes nothing; expected KEY.KEY=VALUE");
        assertThatThrownBy(() -> read("seed: 1", ".rate=1")).hasMessageContaining("changes nothing");
        assertThatThrownBy(() -> read("seed: 1", "seed.rate=1"))
                .hasMessageContaining("seed in ")
                .hasMessageContaining("is a value; expected keys under it");
        assertThatThrownBy(() -> read("seed: 1", "seed=[1")).hasMessageContaining("is no YAML");
    }

    @Test
    void refusesKeysThatNothingReads() throws IOException {
        RunFile file = read("output: a\ntraining: {rat: 1, steps: 2}", "training.step=3");
        file.requiredPath("output");
        RunFile training = file.section("training");
        training.real("rate");
        training.integer("steps", 1, 1);
        assertThatThrownBy(file::refuseTheRest)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("training: rat is no key here; \"rate\" is the nearest of: rate, steps")
                .hasMessageContaining("training: step is no key here; \"steps\" is the nearest");
        assertThat(file.known()).containsExactly("output", "training", "training.rate", "training.steps");
    }

    @Test
    void readsListsOfTexts() throws IOException {
        RunFile file = read("prompts: [a cat, \"\", 7]\nwrong: a cat\nworse: [[a]]");
        assertThat(file.texts("prompts")).containsExactly("a cat", "", "7");
        assertThat(file.texts("none")).isEmpty();
        assertThatThrownBy(() -> file.texts("wrong")).hasMessageContaining("expected a list of texts");
        assertThatThrownBy(() -> file.texts("worse")).hasMessageContaining("expected a list of texts");
    }

    @Test
    void readsListsOfSections() throws IOException {
        RunFile file = read("folders: [{folder: a, repeats: 2}, {folder: b, repeat: 3}]\nwrong: [a, b]");
        List<RunFile> folders = file.sections("folders");
        assertThat(folders).hasSize(2).allSatisfy(each -> each.integer("repeats", 1, 1));
        assertThat(folders.get(1).requiredPath("folder")).isEqualTo(folder.resolve("b"));
        folders.get(0).path("folder");
        assertThat(file.sections("none")).isEmpty();
        assertThatThrownBy(() -> file.sections("wrong")).hasMessageContaining("expected a list of keys and values");
        assertThatThrownBy(file::refuseTheRest)
                .hasMessageContaining("folders 2: repeat is no key here; \"repeats\" is the nearest");
    }

    private static List<Arguments> damaged() {
        String doubled = IntStream.range(1, 40)
                .mapToObj(i -> "a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1))
                .collect(Collectors.joining("", "a0: &a0 [1, 2]\n", ""));
        return List.of(
                Arguments.of("training: {rate: .nan}", ": training.rate is NaN; expected a finite number"),
                Arguments.of(
                        "training: {betas: [0.9, -.inf]}", ": training.betas is -Infinity; expected a finite number"),
                Arguments.of("seed: !!binary aGVsbG8=", ": seed is a value of another kind"),
                Arguments.of("seed: 1\nseed: 2", ": line 2, column 1 is no YAML: "),
                Arguments.of("seed: [1\nsteps: 2", ": line 2, column 6 is no YAML: "),
                Arguments.of("seed: 1\0", " is no YAML: "),
                Arguments.of("- 1", ": expected keys and values"),
                Arguments.of("", ": expected keys and values"),
                Arguments.of("a: &a [*a]", "nested too deep"),
                Arguments.of("a: " + "[".repeat(100_000), "nested too deep"),
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
        assertThatThrownBy(() -> RunFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> RunFile.read(folder.resolve("none.yaml")))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage(folder.resolve("none.yaml") + ": there is no such file; expected a run file");
        assertThatThrownBy(() -> RunFile.read(folder)).hasMessage(folder + ": is a folder; expected a run file");
    }

    @Test
    void namesTheSectionOfValuesThatDoNotFit() throws IOException {
        RunFile file = read("training: {steps: 5, warmup: 9}\nloss: {noise_offset: 2}");
        assertThatThrownBy(() -> LoopFile.read(file.section("training")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": training: warmup is 9");
        assertThatThrownBy(() ->
                        file.section("loss").checked(() -> file.section("loss").integer("noise_offset", 3, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": loss: noise_offset is 2");
    }

    private RunFile read(String yaml, String... changes) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, yaml);
        return RunFile.read(file, List.of(changes));
    }
}
