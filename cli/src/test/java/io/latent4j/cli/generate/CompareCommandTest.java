package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.cli.CommandRun;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.catalogue.Schedulers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CompareCommandTest {
    private static final int SIDE = 128; // of the model's 64, enlarged
    private static final int GAP = 8;

    @TempDir
    private Path folder;

    @Test
    void putsThePipelinesImagesOnOneSheet() throws IOException {
        Path file = folder.resolve("sheet.png");

        CommandRun run = compare(
                "--prompt", "a star", "--schedulers", "euler a,DDIM", "--steps", "1,3", "--seed", "5", "-o", "" + file);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().strip()).isEqualTo(file.toString());
        assertThat(PngFile.readText(file).get("parameters"))
                .isEqualTo("a star\nSteps: 1 3, Sampler: Euler a | DDIM, CFG scale: 3, Seed: 5, Model: shapes,"
                        + " Version: latent4j");
        BufferedImage sheet = ImageIO.read(file.toFile());
        GenerationRequest request = new GenerationRequest("a star").withSeed(5);
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            TextToImagePipeline pipeline = new TextToImagePipeline(parts);
            List<String> methods = List.of("euler a", "ddim");
            int[] steps = {1, 3};
            for (int row = 0; row < 2; row++) {
                for (int column = 0; column < 2; column++) {
                    BufferedImage expected = pipeline.generate(
                                    request.withScheduler(methods.get(row)).withSteps(steps[column]))
                            .image();
                    int x = sheet.getWidth() - (2 - column) * (SIDE + GAP);
                    int y = sheet.getHeight() - (2 - row) * (SIDE + GAP);
                    assertSame(sheet, x, y, expected);
                }
            }
        }
    }

    private static void assertSame(BufferedImage sheet, int left, int top, BufferedImage expected) {
        for (int x = 1; x < 63; x++) { // within the frame
            for (int y = 1; y < 63; y++) {
                assertThat(sheet.getRGB(left + 2 * x + 1, top + 2 * y + 1)).isEqualTo(expected.getRGB(x, y));
            }
        }
    }

    @Test
    void takesOtherSettingsForAllMethods() throws IOException {
        Path own = folder.resolve("own.png");
        Path other = folder.resolve("other.png");
        List<String> args = List.of("--schedulers", "ddim", "--steps", "2", "-q", "-o");
        CommandRun run = compare(concat(args, own.toString()));
        assertThat(run.code()).as(run.err()).isZero();
        CommandRun set = compare(concat(args, other.toString(), "--scheduler-setting", "timestep_spacing=leading"));
        assertThat(set.code()).as(set.err()).isZero();
        assertThat(Files.readAllBytes(other)).isNotEqualTo(Files.readAllBytes(own));
        CommandRun wrong = compare(concat(args, other.toString(), "--scheduler-setting", "nonsense=1"));
        assertThat(wrong.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(wrong.message()).contains("nonsense");
    }

    @Test
    void eachMethodTakesTheSettingsThatItReads() throws IOException {
        Path file = folder.resolve("sheet.png");
        List<String> args = List.of("--steps", "2", "-q", "--guidance-scale", "1.5", "-o", file.toString());
        CommandRun two =
                compare(concat(args, "--schedulers", "ddim,dpm++2m karras", "--scheduler-setting", "solver_order=3"));
        assertThat(two.code()).as(two.err()).isZero();
        assertThat(PngFile.readText(file).get("parameters"))
                .contains("Sampler: DDIM | DPM++ 2M Karras, CFG scale: 1.5, ", ", Sampler settings: solver_order=3, ");
    }

    @Test
    void aSettingLeavesOutNoMethodThatDoesNotReadIt() throws IOException {
        Path file = folder.resolve("all.png");
        String[] args = {"--steps", "2", "-q", "--guidance-scale", "1", "-o", file.toString()};
        CommandRun all = compare(concat(List.of(args), "--scheduler-setting", "sigma_spacing=beta"));
        assertThat(all.code()).as(all.err()).isZero();
        assertThat(all.err()).startsWith("left out, as the model, the steps or the settings do not suit them: ");
        assertThat(PngFile.readText(file).get("parameters")).contains("DDIM | ", " | Euler a | ");
    }

    private static String[] concat(List<String> first, String... rest) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all.toArray(String[]::new);
    }

    @Test
    void saysOnceWhatDidNotFit() {
        CommandRun run = compare(
                "--prompt",
                "a big red circle on a white background ".repeat(4).strip(),
                "--prompt-syntax",
                "plain",
                "--schedulers",
                "euler,ddim",
                "--steps",
                "1,2",
                "-o",
                folder.resolve("sheet.png").toString());

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err().lines().filter(line -> line.contains("warning: ")))
                .singleElement()
                .asString()
                .contains("warning: the prompt has more than 22 tokens");
    }

    @Test
    void savingMemoryDecodesInTiles() {
        CompareCommand saving = new CompareCommand();
        parse(saving, "--low-memory", "-o", "sheet.png");
        assertThat(saving.request().tiling()).isEqualTo(Tiling.of(512));
        CompareCommand not = new CompareCommand();
        parse(not, "-o", "sheet.png");
        assertThat(not.request().tiling()).isEqualTo(Tiling.AUTO);
    }

    private static void parse(CompareCommand command, String... args) {
        new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(args);
    }

    @Test
    void takesAllMethodsThatSuitTheModelAndNamesTheOthers() throws IOException {
        Path file = folder.resolve("all.png");

        CommandRun run = compare(
                "--steps",
                "2",
                "--quiet",
                "--guidance-scale",
                "1",
                "--scheduler-setting",
                "prediction_type=sample",
                "-o",
                file.toString());

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err())
                .startsWith("left out, as the model, the steps or the settings do not suit them: ")
                .contains("pndm");
        String names = run.err().substring(run.err().indexOf(": "), run.err().indexOf(';'));
        int leftOut = names.split(", ").length;
        String samplers = PngFile.readText(file).get("parameters");
        assertThat(samplers.split(" \\| ")).hasSize(Schedulers.methods().size() - leftOut);
        assertThat(samplers).contains("DDIM | ", " | Euler a");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesABadRequestInOneLine(List<String> args, String message) {
        Stream<String> all = args.contains("-o")
                ? args.stream().map(arg -> arg.replace("DIR", folder.toString()))
                : Stream.concat(args.stream(), Stream.of("-o", folder + "/x.png"));

        CommandRun run = compare(all.toArray(String[]::new));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.message()).startsWith("latent4j: ").contains(message);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(folder).isEmptyDirectory();
    }

    static Stream<Arguments> refusesABadRequestInOneLine() {
        return Stream.of(
                Arguments.of(
                        List.of("--schedulers", "ddim,heun9"), "scheduler is \"heun9\"; the nearest names are heun"),
                Arguments.of(List.of("--steps", "5,0"), "steps is 0; expected 1 or more"),
                Arguments.of(List.of("--steps", "5,many"), "'many' is not an int"),
                Arguments.of(List.of("--schedulers", "ddim", "--steps", "1001"), "steps is 1001"),
                Arguments.of(
                        List.of("--schedulers", "ddim karras", "--steps", "2"),
                        "ddim visits trained timesteps and takes no spacing"),
                Arguments.of(
                        List.of("--schedulers", "ddim,euler", "--scheduler-setting", "solver_order=3"),
                        "the scheduler's settings: solver_order has no effect on ddim, euler"),
                Arguments.of(
                        List.of("--scheduler-setting", "solver_type=odd"),
                        "the scheduler's settings: solver_type is \"odd\"; expected one of "),
                Arguments.of(
                        List.of(
                                "--scheduler-setting", "prediction_type=flow_prediction",
                                "--scheduler-setting", "shift=-1"),
                        "the shift of the flow is -1.0; expected a finite shift above 0"),
                Arguments.of(List.of("--guidance-scale", "-1"), "guidance scale is -1.0"),
                Arguments.of(List.of("-o", "DIR/x.jpg"), "expected a name that ends with .png"),
                Arguments.of(List.of("-o", "DIR"), "output is the folder"));
    }

    @Test
    void wantsToBeToldWhereTo() {
        CommandRun run = compare("--steps", "1");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.message()).contains("--output");
    }

    private static CommandRun compare(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("compare"), Stream.of(args)).toArray(String[]::new));
    }
}
