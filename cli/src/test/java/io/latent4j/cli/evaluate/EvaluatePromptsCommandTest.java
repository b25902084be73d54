package io.latent4j.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.cli.CommandRun;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EvaluatePromptsCommandTest {
    @TempDir
    private Path folder;

    @Test
    void printsATableOfWhatIsRight() throws IOException {
        CommandRun run = prompts("-c", "5", "--steps", "2", "-b", "4", "--seed", "3", "-o", folder + "/new/sheets");

        assertThat(run.code()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(5);
        assertThat(lines.get(0)).isEqualTo("the embedded model, 5 held-out captions, seed 3, 2 steps, guidance 3");
        assertThat(lines.get(1).strip().split("\\s{2,}"))
                .containsExactly("images", "all right", "background", "count", "colour", "shape", "size", "relation");
        assertThat(lines.get(2)).matches("  one object   2 .* -");
        assertThat(lines.get(3)).matches("  two objects  3 .*%");
        assertThat(lines.get(4)).matches("  all          5 .*%");
        Path sheets = folder.resolve("new/sheets");
        assertThat(sheets.toFile().list()).containsExactlyInAnyOrder("guidance-3.png", "guidance-3.csv");
        assertThat(ImageIO.read(sheets.resolve("guidance-3.png").toFile()).getWidth())
                .isEqualTo(3 * 68);
        List<String> table = Files.readAllLines(sheets.resolve("guidance-3.csv"));
        assertThat(table).hasSize(6);
        assertThat(table.get(0)).isEqualTo("caption,seed,all_right,background,count,colour,shape,size,relation,seen");
        assertThat(table.subList(1, 6)).allMatch(line -> line.split(",", -1).length == 10);
    }

    @Test
    void refusesSettingsThatNoMethodUnderstands() {
        CommandRun run = prompts("-c", "1", "--steps", "1", "--scheduler-setting", "timestep_spacing=nonsense");
        assertThat(run.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(run.message()).contains("timestep_spacing", "nonsense");
    }

    @Test
    void savingMemoryJudgesToo() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            CommandRun run =
                    prompts("-c", "2", "--steps", "1", "-m", "" + model.folder(), "--low-memory", "--dtype", "float32");
            CommandRun whole = prompts("-c", "2", "--steps", "1", "-m", "" + model.folder());

            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out()).isEqualTo(whole.out());
        }
    }

    @Test
    void comparesGuidanceScalesAsJson() throws IOException {
        List<String> args =
                List.of("-c", "2", "--steps", "1", "-b", "48", "-g", "1,2.5", "--scheduler", "euler", "--json", "-q");
        CommandRun run = prompts(
                Stream.concat(args.stream(), Stream.of("-o", folder.toString())).toArray(String[]::new));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
        assertThat(json.get("results").getAsJsonArray()).hasSize(2);
        JsonObject second = json.get("results").getAsJsonArray().get(1).getAsJsonObject();
        assertThat(second.get("guidance_scale").getAsDouble()).isEqualTo(2.5);
        assertThat(second.get("one_object").getAsJsonObject().get("images").getAsInt())
                .isEqualTo(1);
        assertThat(second.get("two_objects").getAsJsonObject().get("all_right").getAsDouble())
                .isBetween(0.0, 1.0);
        assertThat(second.get("diversity").getAsDouble()).isPositive();
        assertThat(json.get("diversity_of_drawn").getAsDouble()).isPositive();
        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        "guidance-1.png", "guidance-1.csv", "guidance-2.5.png", "guidance-2.5.csv", "guidance.png");
        assertThat(ImageIO.read(folder.resolve("guidance.png").toFile()).getWidth())
                .isEqualTo(1120);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesABadRequestInOneLine(List<String> args, String message) {
        CommandRun run = CommandRun.of(args.toArray(String[]::new));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains(message);
        assertThat(run.out()).isEmpty();
    }

    static Stream<Arguments> refusesABadRequestInOneLine() {
        return Stream.of(
                Arguments.of(List.of("evaluate"), "no command is given"),
                Arguments.of(List.of("evaluate", "prompts", "-c", "0"), "count is 0"),
                Arguments.of(List.of("evaluate", "prompts", "-b", "0"), "batch is 0"),
                Arguments.of(List.of("evaluate", "prompts", "--steps", "0"), "0"),
                Arguments.of(List.of("evaluate", "prompts", "-g", "3,-1"), "guidance scale is -1.0"),
                Arguments.of(List.of("evaluate", "prompts", "-g", "3,x"), "x"),
                Arguments.of(List.of("evaluate", "prompts", "--scheduler", "heun9"), "the nearest names are heun"),
                Arguments.of(List.of("evaluate", "prompts", "--device", "tpu"), "expected auto, cpu"));
    }

    @Test
    void failsInOneLine() throws IOException {
        Files.writeString(folder.resolve("file"), "");

        CommandRun model = prompts("-m", folder + "/none");
        CommandRun output = prompts("-o", folder + "/file");

        assertThat(model.code()).isEqualTo(1);
        assertThat(model.message()).contains("none: there is no such folder");
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.message()).contains("file: is not a folder");
    }

    private static CommandRun prompts(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("evaluate", "prompts"), Stream.of(args)).toArray(String[]::new));
    }
}
