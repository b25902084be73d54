package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
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

    private String named(String name) {
        return folder.resolve(name).toString();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static boolean same(BufferedImage one, BufferedImage other) {
        return Arrays.equals(pixels(one), pixels(other));
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
