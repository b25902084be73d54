package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.engine.Engine;
import io.latent4j.cli.CommandRun;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code generate} refuses, and in which words. */
class GenerateErrorsTest {
    private static final String PROMPT = "a red circle, café 赤";

    @TempDir
    private Path folder;

    @Test
    void saysWhatAnImageToStartFromLacks() throws IOException {
        assertThat(generate(PROMPT, "--strength", "0.5").err())
                .contains("--strength is given without --image; expected both");
        assertThat(generate(PROMPT, "--controlnet", "net").err()).contains("--control-image");
        assertThat(generate(PROMPT, "--refiner-start", "0.5").err())
                .contains("--refiner-start is given without --refiner");
        assertThat(generate(PROMPT, "--mask", "mask.png").err()).contains("--mask is given without --image");
        assertThat(generate(PROMPT, "--image", "a.png", "--padding", "3").err())
                .contains("--padding is given without --only-masked");
        assertThat(generate(PROMPT, "--image", "none.png").err())
                .contains("none.png: does not exist; expected an image");
        Path text = Files.writeString(folder.resolve("text.png"), "no image");
        assertThat(generate(PROMPT, "--image", "" + text).err())
                .contains("text.png: is not an image of a kind that can be read here; expected one of bmp, gif, jpeg");
    }

    @Test
    void refusesWhatIsForSingleFilesWithoutOne() throws IOException {
        CommandRun embedded = generate(PROMPT, "--prediction-type", "v_prediction", "--config", "" + folder);
        assertThat(embedded.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(embedded.message())
                .contains("--config, --prediction-type: for a model in a single file; found the embedded model, which"
                        + " is none; leave out --config, --prediction-type; --scheduler-setting"
                        + " prediction_type=v_prediction says what any model predicts");
        CommandRun named = generate(PROMPT, "--tokenizer", "" + folder, "-m", "owner/name");
        assertThat(named.message()).contains("--tokenizer: for a model in a single file; found owner/name, which is");
        Path file = Files.writeString(folder.resolve("second.safetensors"), "");
        CommandRun second = generate(PROMPT, "--tokenizer", "" + folder, "--refiner", "" + file);
        assertThat(second.message()).contains("second.safetensors").doesNotContain("--tokenizer");
    }

    @Test
    void saysWhatIsWrongWithDecoding() {
        assertThat(generate(PROMPT, "--vae-tiling", "some").err())
                .contains("--vae-tiling is \"some\"; expected auto, off, or the side of a tile in pixels");
        assertThat(generate(PROMPT, "--vae-tiling", "8").err()).contains("the tile is 8 pixels; expected 64 to 4096");
        CommandRun alone = generate(PROMPT, "--vae", folder + "/x");
        assertThat(alone.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(alone.err()).contains("--vae is given without --model");
        assertThat(generate(PROMPT, "--preview", folder + "/x").err()).contains("there is no such folder or file");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesABadRequestInOneLine(List<String> args, String message) throws IOException {
        Stream<String> all = args.stream().anyMatch(arg -> arg.equals("-o"))
                ? args.stream().map(arg -> arg.replace("DIR", folder.toString()))
                : Stream.concat(args.stream(), Stream.of("-o", folder + "/x/"));

        CommandRun run = generate(all.toArray(String[]::new));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.message()).startsWith("latent4j: ").contains(message);
        assertThat(run.err().lines().filter(line -> !line.startsWith("seed "))).hasSize(1);
        assertThat(run.out()).isEmpty();
        assertThat(names()).isEmpty();
    }

    static Stream<Arguments> refusesABadRequestInOneLine() {
        return Stream.of(
                Arguments.of(List.of(), "there is no prompt"),
                Arguments.of(List.of("x", "--prompt", "y"), "given twice"),
                Arguments.of(List.of("a", "red", "circle"), "put quotes around"),
                Arguments.of(List.of("x", "--colour", "red"), "no option --colour"),
                Arguments.of(List.of("x", "--steps", "0"), "steps is 0; expected 1 or more"),
                Arguments.of(List.of("x", "--steps", "1001"), "1001"),
                Arguments.of(List.of("x", "--steps", "many"), "'many' is not an int"),
                Arguments.of(List.of("x", "--guidance-scale", "-1"), "guidance scale is -1.0; expected 0 to 100"),
                Arguments.of(List.of("x", "--guidance-scale", "NaN"), "guidance scale is NaN"),
                Arguments.of(List.of("x", "--guidance-rescale", "2"), "guidance rescale is 2.0"),
                Arguments.of(
                        List.of("x", "--variation-seed", "1"),
                        "--variation-seed is given without --variation-strength; expected both"),
                Arguments.of(List.of("x", "--variation-strength", "2"), "variation strength is 2.0; expected 0 to 1"),
                Arguments.of(List.of("x", "--upscale", "1"), "the upscale factor is 1.0; expected above 1"),
                Arguments.of(
                        List.of("x", "--upscale-steps", "3"),
                        "--upscale-steps is given without --upscale; expected both"),
                Arguments.of(List.of("x", "--pag-layers", "mid_block"), "--pag-layers is given without --pag-scale"),
                Arguments.of(List.of("x", "--pag-scale", "1", "--pag-layers", "x"), "no self-attention at \"x\""),
                Arguments.of(List.of("x", "--cfg-plus-plus", "-g", "3"), "guidance scale is 3.0; expected 0 to 2"),
                Arguments.of(List.of("x", "--eta", "-0.5"), "eta is -0.5"),
                Arguments.of(List.of("x", "--clip-skip", "0"), "clip skip is 0; expected 1 or more"),
                Arguments.of(List.of("x", "--clip-skip", "5"), "clip skip is 5; expected 1 to 4"),
                Arguments.of(List.of("x", "--prompt-syntax", "bold"), "expected one of [PLAIN, WEIGHTED]"),
                Arguments.of(List.of("(x:1000)"), "the weight of \"x\" in the prompt is 1000.0"),
                Arguments.of(
                        List.of("x", "--scheduler", "heun9"), "scheduler is \"heun9\"; the nearest names are heun"),
                Arguments.of(List.of("x", "--scheduler", "ddim karras"), "ddim visits trained timesteps"),
                Arguments.of(List.of("x", "--timesteps", "10,500"), "the list of timesteps has 500.0 after 10.0"),
                Arguments.of(List.of("x", "--timesteps", "1500,3"), "begins with 1500.0; expected at most 999"),
                Arguments.of(List.of("x", "--sigmas", "5"), "the list of sigmas has 1; expected at least 2"),
                Arguments.of(List.of("x", "--sigmas", "5,0", "--steps", "3"), "exclude each other"),
                Arguments.of(
                        List.of("x", "--timesteps", "900,9", "--scheduler", "euler karras"),
                        "a list of timesteps and the scheduler a spacing of sigmas"),
                Arguments.of(
                        List.of("x", "--scheduler-setting", "solver_ordr=3"), "the nearest are solver_order, solver"),
                Arguments.of(
                        List.of("x", "--scheduler", "ddim", "--scheduler-setting", "use_karras_sigmas=true"),
                        "the scheduler's settings: use_karras_sigmas is true; expected none, because ddim"),
                Arguments.of(
                        List.of(
                                "x",
                                "--scheduler-setting",
                                "prediction_type=epsilon",
                                "--scheduler-setting",
                                "rescale_betas_zero_snr=true"),
                        "divide by no signal; expected one of v_prediction, sample"),
                Arguments.of(List.of("x", "--scheduler", "euler", "--eta", "1"), "the method adds no fresh noise"),
                Arguments.of(List.of("x", "--scheduler", "heun", "--eta", "0"), "the method adds no fresh noise"),
                Arguments.of(
                        List.of("x", "--scheduler", "euler", "--scheduler-setting", "solver_order=banana"),
                        "solver_order has no effect on euler; it is read by dpm++2m, "),
                Arguments.of(List.of("x", "--seed", "abc"), "the seed is \"abc\"; expected 0 to 18446744073709551615"),
                Arguments.of(List.of("x", "--seed", "-2"), "or -1 for a random one"),
                Arguments.of(List.of("x", "--seed", "18446744073709551616"), "expected 0 to 18446744073709551615"),
                Arguments.of(List.of("x", "--width", "63"), "width is 63; expected a multiple of 4"),
                Arguments.of(List.of("x", "--height", "0"), "height is 0"),
                Arguments.of(List.of("x", "--width", "100000"), "width is 100000; expected 1 to 16384"),
                Arguments.of(List.of("x", "--count", "0"), "count is 0"),
                Arguments.of(List.of("x", "--batch-size", "0"), "batch size is 0"),
                Arguments.of(List.of("x", "--device", "tpu"), "expected auto, cpu, cuda or cuda:N"),
                Arguments.of(List.of("x", "--dtype", "int4"), "expected auto, float32, float16 or bfloat16"),
                Arguments.of(
                        List.of("x", "--weights", "int4"),
                        "data type of weights is \"int4\"; expected auto, float32, float16, bfloat16"),
                Arguments.of(
                        List.of("x", "--weights", "float16", "--dtype", "bfloat16"),
                        "weights are float16 and computed with in bfloat16, which loses digits or range and saves no"
                                + " memory; expected the same type for both, or float32 for one of them"),
                Arguments.of(List.of("x", "-o", "DIR/image.jpg"), "expected a name that ends with .png"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void failsInOneLine(List<String> args, String message) throws IOException {
        Files.writeString(folder.resolve("file"), "");

        CommandRun run = generate(
                args.stream().map(arg -> arg.replace("DIR", folder.toString())).toArray(String[]::new));

        assertFailed(run, message);
        assertThat(names()).containsExactly("file");
    }

    static Stream<Arguments> failsInOneLine() {
        return Stream.of(
                Arguments.of(List.of("x", "-o", "DIR/none/x.png"), "none: is not a folder"),
                Arguments.of(List.of("x", "-o", "DIR/file/x.png"), "file: is not a folder"),
                Arguments.of(List.of("x", "-o", "DIR/file/new/"), "file/new: is not a folder"),
                Arguments.of(List.of("x", "-m", "DIR/none", "-o", "DIR/"), "none: there is no such folder"),
                Arguments.of(List.of("x", "-m", "DIR", "-o", "DIR/"), "model_index.json"));
    }

    @Test
    void saysWhatIsWrongWithWeights() throws IOException {
        Path model = embeddedModel();
        Path weights = model.resolve("unet/diffusion_pytorch_model.safetensors");
        Files.write(weights, Arrays.copyOf(Files.readAllBytes(weights), 100_000));

        CommandRun run = generate("x", "-m", model.toString(), "-o", folder + "/x.png");

        assertFailed(run, weights.toString());
        assertFailed(CommandRun.of("inspect", model.toString()), weights.toString());
        assertThat(names()).containsExactly("model");
    }

    @Test
    void makesNoImageOfNumbersThatAreNotFinite() throws IOException {
        Path model = embeddedModel();
        Path weights = model.resolve("vae/diffusion_pytorch_model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Arrays.fill(bytes, bytes.length - 100_000, bytes.length, (byte) 0xff);
        Files.write(weights, bytes);

        CommandRun run =
                generate("x", "-m", model.toString(), "--steps", "1", "--quiet", "-o", folder.resolve("x.png") + "");

        assertFailed(run, "the VAE's image is not of finite numbers");
        assertThat(names()).containsExactly("model");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tokenizer/tokenizer_config.json | \"model_max_length\": 24 | \"model_max_length\": 77 | texts of 77",
                "text_encoder/config.json | \"eos_token_id\": 612 | \"eos_token_id\": \"x\" | eos_token_id is",
                "model_index.json | \"latent4j_steps\": 25 | \"latent4j_steps\": 0 | latent4j_steps is 0",
                "model_index.json | \"latent4j_guidance_scale\": 3.0 | \"latent4j_guidance_scale\": NaN | expected 0"
                        + " to 100",
                "scheduler/scheduler_config.json | \"DDIMScheduler\" | \"FooScheduler\" | or choose a method with"
                        + " --scheduler",
                "unet/config.json | \"norm_num_groups\": 16 | \"norm_num_groups\": 7 | norm_num_groups is 7"
            },
            quoteCharacter = '`')
    void saysWhatIsWrongWithSettings(String file, String right, String wrong, String message) throws IOException {
        Path model = embeddedModel();
        Path settings = model.resolve(file);
        assertThat(settings).content().contains(right);
        Files.writeString(settings, Files.readString(settings).replace(right, wrong));

        CommandRun run = generate("x", "-m", model.toString(), "--quiet", "-o", folder.resolve("x.png") + "");

        assertFailed(run, message);
        assertThat(run.err()).contains(settings.getParent().toString());
        assertThat(names()).containsExactly("model");
    }

    @Test
    void refusesAGpuThatIsNotThere() throws IOException {
        assumeThat(Engine.getEngine("PyTorch").getGpuCount()).isZero();

        CommandRun run = generate("x", "--device", "cuda", "-o", folder + "/x.png");

        assertFailed(run, "the engine sees no GPU");
        assertThat(names()).isEmpty();
    }

    @Test
    void showsWhereAnErrorAroseIfAsked() {
        CommandRun run = generate("x", "-m", folder + "/none", "--verbose");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("latent4j: ", "at io.latent4j.");
    }

    private static CommandRun generate(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("generate"), Stream.of(args)).toArray(String[]::new));
    }

    private static void assertFailed(CommandRun run, String message) {
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("latent4j: ").contains(message);
        assertThat(run.out()).isEmpty();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private Path embeddedModel() throws IOException {
        Path model = folder.resolve("model");
        try (EmbeddedModel whole = EmbeddedModel.unpack()) {
            copy(whole.folder(), model);
        }
        return model;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
