package io.latent4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import io.latent4j.training.data.Faults;
import io.latent4j.training.data.ImageFolder;
import io.latent4j.training.data.scenes.Scene;
import io.latent4j.training.data.scenes.Scenes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DatasetCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesCaptionedImages() throws IOException {
        CommandRun run = scenes("--count", "40", "--size", "32", "--share-two", "0.25", "-o", folder + "/set");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().strip()).isEqualTo(folder + "/set");
        ImageFolder set = ImageFolder.open(folder.resolve("set"), Faults.STOP);
        List<Scene> scenes = IntStream.range(0, set.size())
                .mapToObj(i -> Scene.parse(set.example(i).captions().get(0)))
                .toList();
        assertThat(scenes).hasSize(40).noneMatch(Scenes::isHeldOut);
        assertThat(scenes.stream().filter(scene -> scene.relation().isPresent()))
                .hasSize(10);
        assertThat(set.example(0).width()).isEqualTo(32);
        assertThat(folder.toFile().list()).containsExactly("set");
    }

    @Test
    void writesTheSameForTheSameSeed() throws IOException {
        scenes("-c", "3", "--seed", "4", "-o", folder + "/a", "-q");
        CommandRun again = scenes("-c", "3", "--seed", "4", "-o", folder + "/b", "-q");
        scenes("-c", "3", "--seed", "5", "-o", folder + "/c", "-q");

        assertThat(again.err()).isEmpty();
        for (String name : List.of("metadata.jsonl", "000000.png", "000001.png", "000002.png")) {
            assertThat(Files.mismatch(
                            folder.resolve("a").resolve(name),
                            folder.resolve("b").resolve(name)))
                    .isEqualTo(-1);
        }
        assertThat(Files.mismatch(folder.resolve("a/metadata.jsonl"), folder.resolve("c/metadata.jsonl")))
                .isNotEqualTo(-1);
    }

    @Test
    void drawsHeldOutCaptionsIfAsked() throws IOException {
        CommandRun run = scenes("-c", "200", "--size", "8", "--include-held-out", "-o", folder + "/set");

        assertThat(run.code()).isZero();
        ImageFolder set = ImageFolder.open(folder.resolve("set"));
        assertThat(IntStream.range(0, set.size())
                        .mapToObj(i -> Scene.parse(set.example(i).captions().get(0))))
                .anyMatch(Scenes::isHeldOut);
    }

    @Test
    void replacesNothing() throws IOException {
        Files.writeString(folder.resolve("mine"), "x");

        CommandRun run = scenes("-c", "1", "-o", folder.toString());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains("is not empty");
        assertThat(folder.toFile().list()).containsExactly("mine");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesABadRequestInOneLine(List<String> args, String message) {
        CommandRun run = CommandRun.of(
                args.stream().map(arg -> arg.replace("DIR", folder.toString())).toArray(String[]::new));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains(message);
        assertThat(folder.toFile().list()).isEmpty();
    }

    static Stream<Arguments> refusesABadRequestInOneLine() {
        return Stream.of(
                Arguments.of(List.of("dataset"), "no command is given"),
                Arguments.of(List.of("dataset", "scenes"), "--count"),
                Arguments.of(List.of("dataset", "scenes", "-c", "0", "-o", "DIR/x"), "count is 0; expected 1 to"),
                Arguments.of(List.of("dataset", "scenes", "-c", "1", "--size", "7", "-o", "DIR/x"), "size is 7"),
                Arguments.of(
                        List.of("dataset", "scenes", "-c", "1", "--share-two", "2", "-o", "DIR/x"),
                        "share of two figures is 2.0"));
    }

    private static CommandRun scenes(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("dataset", "scenes"), Stream.of(args)).toArray(String[]::new));
    }
}
