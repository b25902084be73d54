package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.cli.CommandRun;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateCommandTest {
    private static final String PROMPT = "a red circle, café 赤";

    @TempDir
    private Path folder;

    @Test
    void tellsOfEveryImageAsJson() throws IOException {
        Path file = folder.resolve("json.png");
        CommandRun run = CommandRun.of(
                "generate", "a star", "--seed", "3", "--steps", "1", "--count", "2", "--json", "-q", "-o" + file);
        assertThat(run.code()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(2);
        for (int i = 0; i < 2; i++) {
            JsonObject image = JsonParser.parseString(lines.get(i)).getAsJsonObject();
            assertThat(image.get("model").getAsString()).isEqualTo("the embedded model");
            Path written = Path.of(image.get("file").getAsString());
            assertThat(written).isEqualTo(folder.resolve("json-" + (i + 1) + ".png"));
            assertThat(image.get("seed").getAsLong()).isEqualTo(3 + i);
            assertThat(image.get("width").getAsInt()).isEqualTo(64);
            assertThat(PngFile.readText(written))
                    .containsEntry("parameters", image.get("parameters").getAsString());
        }
    }

    /** The embedded model's files are of float16, so that nothing is rounded. */
    @Test
    void weightsStoredIn16BitsMakeTheSameImage() throws IOException {
        Path plain = folder.resolve("plain.png");
        Path stored = folder.resolve("stored.png");
        assertThat(generate(PROMPT, "--seed=3", "--steps=2", "-o" + plain).code())
                .isZero();
        CommandRun run = generate(
                PROMPT, "--seed=3", "--steps=2", "--weights=float16", "--dtype=float32", "--device=cpu", "-o" + stored);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(stored).hasSameBinaryContentAs(plain);
    }

    @Test
    void tellsOfWarningsAndFailuresAsJsonToo() {
        String text = "a red circle ".repeat(20);
        CommandRun warned = generate(
                text, "--prompt-syntax", "plain", "--steps", "1", "--json", "-o", folder.resolve("w.png") + "");
        List<String> lines = warned.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(JsonParser.parseString(lines.get(0)).getAsJsonObject().has("file"))
                .isTrue();
        assertThat(JsonParser.parseString(lines.get(1))
                        .getAsJsonObject()
                        .get("warning")
                        .getAsString())
                .contains("the prompt has more than 22 tokens");

        CommandRun failed = generate("x", "--width", "63", "--json", "-o", folder.resolve("f.png") + "");
        assertThat(failed.code()).isEqualTo(2);
        JsonObject error = JsonParser.parseString(failed.out().strip()).getAsJsonObject();
        assertThat(error.get("error").getAsString()).contains("width is 63");
        assertThat(error.get("exitCode").getAsInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--preview a star", "a star --preview"})
    void previewsNeedNoAutoencoder(String order) {
        String[] words =
                order.startsWith("a") ? new String[] {"a star", "--preview"} : new String[] {"--preview", "a star"};
        CommandRun run = CommandRun.of(
                "generate",
                words[0],
                words[1],
                "--seed",
                "3",
                "--steps",
                "2",
                "-q",
                "-o" + folder.resolve("shown.png"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(folder.resolve("shown.png")).isRegularFile();
        assertThat(folder.resolve("shown.preview.png")).doesNotExist();
    }

    @Test
    void aPreviewsAutoencoderThatIsNotThereIsNamed() {
        CommandRun run = CommandRun.of("generate", "a star", "--steps=1", "-q", "--preview", "none.safetensors");
        assertThat(run.code()).isEqualTo(ExitCode.FAILED);
        assertThat(run.message()).contains("none.safetensors: there is no such folder or file");
    }

    @Test
    void writesTheImagesOfThePipeline() throws IOException {
        Path file = folder.resolve("red.png");

        CommandRun run = generate(
                PROMPT, "--seed", "5", "--steps", "2", "-c", "3", "-b", "2", "--scheduler", "Euler A", "-o", "" + file);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().lines()).containsExactly(named("red-1.png"), named("red-2.png"), named("red-3.png"));
        assertThat(run.err()).contains("seed 5");
        GenerationRequest request = new GenerationRequest(PROMPT)
                .withSeed(5)
                .withSteps(2)
                .withCount(3)
                .withBatchSize(2)
                .withScheduler("euler a");
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            Generation expected = new TextToImagePipeline(parts).generate(request);
            for (int i = 0; i < 3; i++) {
                Path written = folder.resolve("red-" + (i + 1) + ".png");
                assertThat(same(
                                ImageIO.read(written.toFile()),
                                expected.images().get(i)))
                        .isTrue();
                assertThat(PngFile.readText(written))
                        .isEqualTo(
                                Map.of("parameters", expected.results().get(i).parameters()));
            }
        }
        assertThat(names()).containsExactly("red-1.png", "red-2.png", "red-3.png");
    }

    @Test
    void takesStepsAndSettingsOfOnesOwn() throws IOException {
        Path file = folder.resolve("own.png");

        CommandRun run = generate(
                "x",
                "--scheduler",
                "dpm++2m",
                "--sigmas",
                "14.6,2.5,0.4,0",
                "--scheduler-setting",
                "solver_order=3",
                "--scheduler-setting",
                "algorithm_type=sde-dpmsolver++",
                "-o",
                "" + file);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(file).get("parameters"))
                .contains(
                        "Steps: 3, Sampler: DPM++ 2M, ",
                        ", Sigmas: 14.6 2.5 0.4 0, Sampler settings: solver_order=3 algorithm_type=sde-dpmsolver++, ");
        Path timesteps = folder.resolve("timesteps.png");
        generate("x", "--seed", "3", "--eta", "0", "--timesteps", "999,759,499,259,19", "-o", "" + timesteps);
        assertThat(PngFile.readText(timesteps).get("parameters"))
                .contains("Steps: 5, ", ", Eta: 0, Timesteps: 999 759 499 259 19, ");
    }

    @Test
    void namesFilesBySeedAndReplacesNoneOfThem() throws IOException {
        String made = folder.resolve("new") + "/";

        generate("", "--seed", "7", "--steps", "1", "-o", made, "--quiet");
        CommandRun again = generate("--prompt=", "--seed", "7", "--steps", "1", "-o", made, "--quiet");

        assertThat(again.code()).isZero();
        assertThat(again.err()).isEmpty();
        assertThat(again.out().strip()).endsWith("latent4j-7-2.png");
        assertThat(folder.resolve("new").toFile().list())
                .containsExactlyInAnyOrder("latent4j-7.png", "latent4j-7-2.png");
        assertThat(Files.mismatch(folder.resolve("new/latent4j-7.png"), folder.resolve("new/latent4j-7-2.png")))
                .isEqualTo(-1);
    }

    @Test
    void seedsAreUnsignedAndMinusOneIsRandom() throws IOException {
        CommandRun last = generate("x", "--steps=1", "--seed", "18446744073709551615", "-c2", "-o", folder + "/");
        assertThat(last.code()).as(last.err()).isZero();
        assertThat(last.err()).contains("seed 18446744073709551615");
        assertThat(names()).containsExactly("latent4j-0.png", "latent4j-18446744073709551615.png");
        assertThat(PngFile.readText(folder.resolve("latent4j-18446744073709551615.png"))
                        .get("parameters"))
                .contains("Seed: 18446744073709551615,");

        String one =
                generate("x", "--steps=1", "--seed", "-1", "-o", folder + "/").err();
        String other =
                generate("x", "--steps=1", "--seed=-1", "-o", folder + "/").err();
        assertThat(one).matches("seed \\d+\\R").isNotEqualTo(other);
    }

    /** Options of a run, whose image its own text makes again. */
    static Stream<List<String>> makesAnImageAgain() {
        return Stream.of(
                List.of("a red circle, café 赤", "-n", "blue, \"green\"", "--seed", "18446744073709551615"),
                List.of("a [(red:1.4)|blue] circle", "--clip-skip=2", "--prompt-syntax=plain", "-g2", "--width=96"),
                List.of("x", "--seed=5", "--variation-seed=9", "--variation-strength=0.25", "--scheduler=Euler A"),
                List.of("x", "--scheduler=dpm++2m", "--sigmas=14.6,2.5,0", "--scheduler-setting=solver_order=3"),
                List.of("x", "--scheduler=dpm++2m karras", "--guidance-rescale=0.5", "--guidance-start=0.1"),
                List.of("x", "--timesteps=999,499,19", "--eta=0.5"),
                List.of("x", "--scheduler=euler", "--scheduler-setting=use_karras_sigmas=true", "--guidance-end=0.9"),
                List.of(
                        "x",
                        "--cfg-plus-plus",
                        "--dynamic-thresholding=0.99",
                        "--pag-scale=2",
                        "--pag-layers=mid_block"),
                List.of("x", "--upscale=1.25", "--upscale-strength=0.6", "--upscale-steps=3", "--upscaler=bicubic"),
                List.of("x", "--vae-tiling=64", "--width=128", "--height=128"));
    }

    @ParameterizedTest
    @MethodSource
    void makesAnImageAgain(List<String> options) throws IOException {
        Path first = folder.resolve("first.png");
        Path again = folder.resolve("again.png");
        Stream<String> steps = options.stream().noneMatch(option -> option.matches("--(sigmas|timesteps).*"))
                ? Stream.of("--steps=2")
                : Stream.of();
        CommandRun made = generate(Stream.concat(Stream.concat(options.stream(), steps), Stream.of("-o" + first))
                .toArray(String[]::new));
        assertThat(made.code()).as(made.err()).isZero();

        CommandRun run = generate("--from", "" + first, "-q", "-o", "" + again);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(again).hasSameBinaryContentAs(first);
    }

    @Test
    void changesWhatAnImageWasMadeWith() throws IOException {
        Path first = folder.resolve("first.png");
        generate("a star", "-n", "rain", "--seed=3", "--steps=2", "--eta=0.5", "-g2", "-o" + first);
        Path again = folder.resolve("again.png");

        CommandRun run = generate("a boat", "--from", "" + first, "--scheduler=euler", "--seed=4", "-o" + again);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(again).get("parameters"))
                .startsWith("a boat\nNegative prompt: rain\nSteps: 2, Sampler: Euler, CFG scale: 2, Seed: 4,")
                .doesNotContain("Eta");
    }

    @Test
    void saysWhatAnImageDoesNotTell() throws IOException {
        Path other = folder.resolve("other.png");
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        PngFile.write(
                other,
                image,
                Map.of(
                        "parameters",
                        "a star\nSteps: 2, Sampler: DDIM, Seed: 3, Size: 64x64, Denoising strength: 0.5,"
                                + " Face restoration: CodeFormer"));
        Path made = folder.resolve("made.png");
        CommandRun run = generate("--from", "" + other, "-o" + made);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains(
                        "warning: Face restoration is \"CodeFormer\", which is not understood; it is left out",
                        "was made with the help of an image to start from, not in its text; expected --image,");
        CommandRun given = generate("--from", "" + other, "--image", "" + other, "-o" + made);
        assertThat(given.code()).as(given.err()).isZero();
        assertThat(given.err()).doesNotContain("an image to start from");
        assertThat(PngFile.readText(made).get("parameters")).contains("Denoising strength: 0.5");

        for (String absent : List.of("nowhere", "owner/name")) { // nothing is fetched because an image says so
            PngFile.write(other, image, Map.of("parameters", "a star\nSteps: 1, Model: " + absent));
            CommandRun model = generate("--from", "" + other, "-o" + made);
            assertThat(model.code()).isEqualTo(ExitCode.BAD_REQUEST);
            assertThat(model.message())
                    .contains("the image was made by the model " + absent + ", which is not here; give it by --model");
        }
        PngFile.write(other, image, Map.of());
        CommandRun without = generate("--from", "" + other, "-o" + made);
        assertThat(without.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(without.message()).contains("other.png: has no text \"parameters\"");
        assertThat(generate("--from", folder + "/none.png").code()).isEqualTo(ExitCode.FAILED);
    }

    /** A family of the tests of {@code pipeline}, which a line in {@code META-INF/services} registers. */
    @Test
    void runsAFamilyThatItDoesNotKnow() throws IOException {
        Path model = Files.createDirectories(folder.resolve("toy"));
        Files.writeString(model.resolve("model_index.json"), "{\"_class_name\": \"ToyPipeline\"}");
        Files.writeString(
                Files.createDirectories(model.resolve("scheduler")).resolve("scheduler_config.json"),
                "{\"_class_name\": \"DDIMScheduler\", \"prediction_type\": \"epsilon\", \"clip_sample\": false}");
        Path made = folder.resolve("made.png");

        CommandRun run = generate("aza", "-m", "" + model, "--seed=0", "-g1", "-o" + made);

        assertThat(run.code()).as(run.err()).isZero();
        int colour = ImageIO.read(made.toFile()).getRGB(5, 7); // a is none of red and blue, z is all of green
        assertThat(colour >> 16 & 255).isLessThan(3);
        assertThat(colour >> 8 & 255).isGreaterThan(252);
        assertThat(colour & 255).isLessThan(3);
        assertThat(PngFile.readText(made).get("parameters")).contains("Model: toy");
        CommandRun again = generate("--from", "" + made, "-m", "" + model, "--preview", "-o" + folder + "/again.png");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(folder.resolve("again.png")).hasSameBinaryContentAs(made);
        CommandRun refused = generate("aza", "-m", "" + model, "--embedding", "" + made, "-o" + made);
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err().lines()).hasSize(1);
    }

    @Test
    void startsFromAnImage() throws IOException {
        Path start = folder.resolve("start.png");
        PngFile.write(start, new BufferedImage(40, 60, BufferedImage.TYPE_INT_RGB), Map.of());
        Path made = folder.resolve("made.png");

        CommandRun run = generate(PROMPT, "--image", "" + start, "--strength", "0.5", "--steps", "4", "-o", "" + made);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(made).get("parameters")).contains("Size: 40x60", "Denoising strength: 0.5");
    }

    @Test
    void guidesAsAskedAndSaysSo() throws IOException {
        Path made = folder.resolve("made.png");

        CommandRun run = generate(
                PROMPT,
                "--cfg-plus-plus",
                "--guidance-start=0.1",
                "--guidance-end=0.9",
                "--dynamic-thresholding=0.99",
                "--pag-scale=2",
                "--pag-layers=mid_block,up_blocks.1",
                "--steps=2",
                "-o",
                "" + made);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(made).get("parameters"))
                .contains("CFG scale: 0.6", "CFG start: 0.1, CFG end: 0.9, CFG++: true, Dynamic thresholding: 0.99")
                .contains("PAG scale: 2, PAG layers: mid_block up_blocks.1");
    }

    @Test
    void variesAnImageInBatches() throws IOException {
        CommandRun run = generate(
                PROMPT,
                "--seed=5",
                "--variation-seed=9",
                "--variation-strength=0.25",
                "--steps=1",
                "-c",
                "3",
                "-b",
                "2",
                "-o",
                "" + folder.resolve("v.png"));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("seed 5, variation seed 9");
        for (int i = 0; i < 3; i++) {
            assertThat(PngFile.readText(folder.resolve("v-" + (i + 1) + ".png")).get("parameters"))
                    .contains("Seed: 5, Variation seed: " + (9 + i) + ", Variation seed strength: 0.25,");
        }
    }

    @Test
    void makesAnImageLarger() throws IOException {
        Path made = folder.resolve("made.png");

        CommandRun run = generate(
                PROMPT,
                "--steps=4",
                "--upscale=1.25",
                "--upscale-strength=0.5",
                "--upscale-steps=2",
                "--upscaler=bicubic",
                "-o",
                "" + made);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(ImageIO.read(made.toFile()).getWidth()).isEqualTo(80);
        assertThat(PngFile.readText(made).get("parameters"))
                .contains("Hires upscale: 1.25, Hires steps: 2, Hires upscaler: Latent (bicubic)");
    }

    @Test
    void repaintsWhatTheMaskSays() throws IOException {
        BufferedImage white = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                white.setRGB(x, y, 0xFFFFFF);
                mask.getRaster().setSample(x, y, 0, x < 32 ? 255 : 0);
            }
        }
        Path start = folder.resolve("start.png");
        PngFile.write(start, white, Map.of());
        Path where = folder.resolve("mask.png");
        ImageIO.write(mask, "png", where.toFile());
        Path made = folder.resolve("made.png");

        CommandRun run = generate(
                "a blue square on a black background",
                "--image",
                "" + start,
                "--mask",
                "" + where,
                "--mask-blur",
                "0",
                "--steps",
                "4",
                "-o",
                "" + made);

        assertThat(run.code()).as(run.err()).isZero();
        BufferedImage image = ImageIO.read(made.toFile());
        for (int y = 0; y < 64; y++) {
            assertThat(image.getRGB(32, y) & 0xFFFFFF).isEqualTo(0xFFFFFF);
        }
        assertThat(same(image, white)).isFalse();
    }

    @Test
    void paintsBeyondTheEdges() throws IOException {
        Path start = folder.resolve("start.png");
        PngFile.write(start, new BufferedImage(40, 60, BufferedImage.TYPE_INT_RGB), Map.of());
        Path made = folder.resolve("made.png");
        CommandRun run =
                generate(PROMPT, "--image", "" + start, "--expand", "left=8,bottom=4", "--steps", "2", "-o", "" + made);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(made).get("parameters")).contains("Size: 48x64");
        assertThat(generate(PROMPT, "--image", "" + start, "--expand", "up=8").err())
                .contains("--expand", "up");
    }

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
    void needsNoPromptForAModelThatTakesNoText() throws IOException {
        Path run = folder.resolve("run.yaml");
        Files.writeString(run, """
            output: "%s"
            data: {scenes: 4, size: 8, set_aside: 0}
            unet:
              config: {block_out_channels: [8], layers_per_block: 1, norm_num_groups: 4, add_attention: false,
                down_block_types: [DownBlock2D], up_block_types: [UpBlock2D]}
            scheduler: {num_train_timesteps: 20}
            training: {steps: 1, batch: 2}
            """.formatted(folder.resolve("run").toString().replace('\\', '/')));
        CommandRun train = CommandRun.of("train", "ddpm", "--config", "" + run);
        assertThat(train.code()).as(train.err()).isZero();
        String model = train.out().strip();

        CommandRun made = generate("--model", model, "--steps", "2", "--seed", "3", "-o", folder + "/made/");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(PngFile.readText(Path.of(made.out().strip())).get("parameters"))
                .startsWith("Steps: 2, Sampler: DDPM, Seed: 3, Size: 8x8");

        CommandRun embedded = generate("a red circle", "--variant", "bf16", "-o", folder + "/made/");
        assertThat(embedded.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(embedded.message())
                .contains(
                        "--variant: for a model with several sets of weights; found the embedded model, which is none;"
                                + " leave out --variant");
        CommandRun variant = generate("--model", model, "--variant", "bf16", "-o", folder + "/made/");
        assertThat(variant.message()).contains("has no weights; expected diffusion_pytorch_model.bf16.safetensors");

        CommandRun refused = generate("a boat", "--model", model, "-o", folder + "/made/");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("trained without texts", "; expected no prompt");
        CommandRun all = generate(List.of(
                        "--model " + model,
                        "-o " + folder + "/made/",
                        "-n rain --lora " + run,
                        "--embedding " + run,
                        "--clip-skip 2 --upscale 2 --refiner " + model,
                        "--preview " + run,
                        "--vae " + run,
                        "--low-memory --vae-tiling 64 --prompt-syntax weighted")
                .stream()
                .flatMap(words -> Stream.of(words.split(" ")))
                .toArray(String[]::new));
        assertThat(all.code()).isEqualTo(2);
        assertThat(all.err())
                .contains(
                        "no --negative-prompt, ",
                        "no --lora",
                        "no --embedding",
                        "no --clip-skip",
                        "no --upscale",
                        "no --refiner",
                        "no --preview",
                        "no --low-memory",
                        "no --vae, ",
                        "no --vae-tiling",
                        "no --prompt-syntax");
    }

    /** Parts that come and go, and an autoencoder from another place, change no pixel. */
    @Test
    void savingMemoryAndNamingTheSameAutoencoderChangeNothing() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            String name = model.folder().toString();
            Path saving = folder.resolve("saving.png");
            Path plain = folder.resolve("plain.png");

            CommandRun run = generate(
                    PROMPT,
                    "-m",
                    name,
                    "--seed",
                    "5",
                    "--steps",
                    "2",
                    "-o",
                    "" + saving,
                    "--low-memory",
                    "--dtype",
                    "float32",
                    "--vae",
                    model.folder().resolve("vae").toString());
            generate(PROMPT, "-m", name, "--seed", "5", "--steps", "2", "-o", "" + plain);

            assertThat(run.code()).as(run.err()).isZero();
            assertThat(same(ImageIO.read(saving.toFile()), ImageIO.read(plain.toFile())))
                    .isTrue();
        }
    }

    @Test
    void savingMemoryTakesHalfPrecision() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path file = folder.resolve("half.png");
            CommandRun run =
                    generate(PROMPT, "-m", model.folder().toString(), "--steps", "2", "-o", "" + file, "--low-memory");
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(64);
        }
    }

    @Test
    void previewsAreGoneWhenTheImageIsThere() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            String vae = model.folder().resolve("vae").toString();
            CommandRun run = generate(PROMPT, "--steps", "2", "--preview", vae, "-o", folder + "/x.png");
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(names()).containsExactly("x.png");
        }
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

    @Test
    void readsWeightsAndChangesUnlessToldNot() throws IOException {
        String prompt = "a [(red:1.4)|blue] circle";
        String weighted = folder.resolve("weighted.png").toString();
        String plain = folder.resolve("plain.png").toString();

        CommandRun run = generate(prompt, "--clip-skip", "2", "--seed", "3", "--steps", "2", "-o", weighted);
        CommandRun other = generate(prompt, "--prompt-syntax", "plain", "--seed", "3", "--steps", "2", "-o", plain);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(other.code()).as(other.err()).isZero();
        assertThat(PngFile.readText(Path.of(weighted)).get("parameters"))
                .startsWith(prompt + "\n")
                .endsWith(", Clip skip: 2, Version: latent4j");
        assertThat(PngFile.readText(Path.of(plain)).get("parameters"))
                .startsWith(prompt + "\n")
                .endsWith(", Prompt syntax: plain, Version: latent4j");
        GenerationRequest request = new GenerationRequest(prompt).withSeed(3).withSteps(2);
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            TextToImagePipeline pipeline = new TextToImagePipeline(parts);
            BufferedImage expected = pipeline.generate(
                            request.withPromptSyntax(PromptSyntax.WEIGHTED).withClipSkip(2))
                    .image();
            assertThat(same(ImageIO.read(Path.of(weighted).toFile()), expected)).isTrue();
            assertThat(same(
                            ImageIO.read(Path.of(plain).toFile()),
                            pipeline.generate(request.withPromptSyntax(PromptSyntax.PLAIN))
                                    .image()))
                    .isTrue();
            assertThat(same(
                            expected,
                            pipeline.generate(request.withPromptSyntax(PromptSyntax.PLAIN))
                                    .image()))
                    .isFalse();
        }
    }

    @Test
    void warnsOfWordsThatDoNotFitAPlainPrompt() {
        String text = "a red circle ".repeat(20);
        assertThat(generate(text, "--steps", "1", "-o", folder + "/").err()).doesNotContain("warning");

        CommandRun run = generate(text, "--prompt-syntax", "plain", "--steps", "1", "-o", folder + "/");

        assertThat(run.code()).isZero();
        assertThat(run.err()).contains("warning: the prompt has more than 22 tokens");
    }

    @Test
    void isCancelledByInterrupts() throws IOException {
        Thread worker = Thread.currentThread();
        CountDownLatch done = new CountDownLatch(1);
        CompletableFuture<Void> interrupts = CompletableFuture.runAsync(() -> interruptUntil(done, worker));

        CommandRun run = generate("a red circle", "--steps", "500", "-o", folder + "/x.png");

        done.countDown();
        Thread.interrupted(); // may still be set
        interrupts.join();
        Thread.interrupted();
        assertThat(run.code()).as(run.err()).isEqualTo(130);
        assertThat(run.message()).isEqualTo("latent4j: cancelled");
        assertThat(names()).isEmpty();
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

    private static void interruptUntil(CountDownLatch done, Thread worker) {
        try {
            while (!done.await(50, TimeUnit.MILLISECONDS)) {
                worker.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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

    private String named(String name) {
        return folder.resolve(name).toString();
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

    private static boolean same(BufferedImage one, BufferedImage other) {
        return Arrays.equals(pixels(one), pixels(other));
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
