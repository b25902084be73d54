package io.latent4j.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.cli.CommandRun;
import io.latent4j.core.image.PngFile;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectCommandTest {
    private static EmbeddedModel model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void unpack() throws IOException {
        model = EmbeddedModel.unpack();
    }

    @AfterAll
    static void delete() throws IOException {
        model.close();
    }

    @Test
    void tellsThePartsOfAModel() {
        CommandRun run = inspect(model.folder());

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().findFirst().orElseThrow())
                .endsWith(": StableDiffusionPipeline, images of 64x64 pixels, 5.9 M parameters in 11.9 MB");
        assertThat(run.out())
                .containsPattern("unet +UNet2DConditionModel +4\\.4 M +F16 +8\\.8 MB +sample_size 16,")
                .containsPattern("tokenizer +CLIPTokenizer .* model_max_length 24, vocabulary 613");
    }

    @Test
    void tellsOfTheEmbeddedModelUnasked() {
        assertThat(CommandRun.of("inspect").out()).startsWith(model.name() + ": StableDiffusionPipeline");
    }

    @Test
    void tellsTheSameInJson() {
        JsonObject json = json(inspect(model.folder(), "--json"));

        assertThat(json.get("parameters").getAsLong()).isEqualTo(5_946_139);
        JsonObject parts = json.getAsJsonObject("parts");
        assertThat(parts.keySet()).containsExactlyInAnyOrder("scheduler", "text_encoder", "tokenizer", "unet", "vae");
        assertThat(parts.getAsJsonObject("vae")
                        .getAsJsonObject("settings")
                        .get("latent_channels")
                        .getAsInt())
                .isEqualTo(4);
    }

    @Test
    void listsTensors() {
        Path file = model.folder().resolve("vae/diffusion_pytorch_model.safetensors");

        CommandRun run = inspect(file);

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .containsPattern("decoder\\.conv_in\\.weight +F16  \\(64, 4, 3, 3\\)")
                .contains("156 tensors, 681.9 K parameters in 1.4 MB: 681.9 K F16");
        assertThat(json(inspect(file, "--json")).getAsJsonArray("list")).hasSize(156);
    }

    @Test
    void tellsThePartsOfAModelInASingleFile() {
        Path file = folder.resolve("one.safetensors");
        assertThat(CommandRun.of("convert", model.folder().toString(), file.toString())
                        .code())
                .isZero();

        CommandRun run = inspect(file, "--config", model.folder().toString());

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("one.safetensors: StableDiffusionPipeline, images of 64x64 pixels, 5.9 M parameters")
                .containsPattern("unet +UNet2DConditionModel +4\\.4 M +F16 ")
                .contains("(--tensors lists them)")
                .doesNotContain("model.diffusion_model");
        assertThat(inspect(file, "--config", model.folder().toString(), "--tensors")
                        .out())
                .contains("model.diffusion_model.input_blocks.0.0.weight");
    }

    @Test
    void showsHowAnImageWasMade() throws IOException {
        Path file = folder.resolve("x.png");
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        PngFile.write(file, image, Map.of("parameters", "赤\nSteps: 25"));
        assertThat(inspect(file).out().lines()).containsExactly("赤", "Steps: 25");
        assertThat(json(inspect(file, "--json")).get("parameters").getAsString())
                .isEqualTo("赤\nSteps: 25");

        PngFile.write(file, image, Map.of());
        assertThat(inspect(file).out()).contains("has no texts");
    }

    /** A part's folder says what it is, whatever the folder is called. */
    @ParameterizedTest
    @CsvSource({
        "unet, UNet2DConditionModel, cross_attention_dim",
        "vae, AutoencoderKL, latent_channels",
        "text_encoder, CLIPTextModel, hidden_size",
        "scheduler, DDIMScheduler, prediction_type",
        "tokenizer, tokenizer, vocabulary"
    })
    void aPartsFolderSaysWhatItIs(String part, String type, String setting) throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path other = folder.resolve("other");
            Files.createDirectories(other);
            try (Stream<Path> files = Files.list(model.folder().resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, other.resolve(file.getFileName()));
                }
            }
            CommandRun run = inspect(other);
            assertThat(run.code()).as(run.message()).isZero();
            assertThat(run.out()).startsWith("other: " + type).contains(setting + ": ");
            assertThat(run.out().contains("parameters in")).isEqualTo(Files.exists(other.resolve("config.json")));
            JsonObject json = JsonParser.parseString(
                            CommandRun.of("inspect", other.toString(), "--json").out())
                    .getAsJsonObject();
            assertThat(json.get("class").getAsString()).isEqualTo(type);
            assertThat(json.getAsJsonObject("settings").has(setting)).isTrue();
        }
    }

    @Test
    void boundsAMetadataValueButInJson() throws IOException {
        Path file = folder.resolve("long.safetensors");
        String value = "a".repeat(10_000) + "z";
        try (NDManager manager = NDManager.newBaseManager()) {
            SafeTensors.write(file, Map.of("x", manager.ones(new Shape(1))), Map.of("ss_tag_frequency", value));
        }

        assertThat(CommandRun.of("inspect", file.toString()).out())
                .contains("ss_tag_frequency: aaa", "aaa… (6001 letters) …aaa", "aaaz\n")
                .hasSizeLessThan(5_000);
        assertThat(JsonParser.parseString(CommandRun.of("inspect", file.toString(), "--json")
                                .out())
                        .getAsJsonObject()
                        .getAsJsonObject("metadata")
                        .get("ss_tag_frequency")
                        .getAsString())
                .isEqualTo(value);
    }

    @Test
    void saysWhatItCannotRead() throws IOException {
        Path text = Files.writeString(folder.resolve("note.txt"), "x");
        Path image = Files.writeString(folder.resolve("note.png"), "x");
        Path weights = Files.writeString(folder.resolve("note.safetensors"), "x");

        assertFailed(inspect(folder), "has no model_index.json");
        assertFailed(inspect(folder.resolve("none")), "there is no such file or folder");
        assertFailed(inspect(text), "expected a folder, .safetensors, .ckpt, .bin, .pt, .index.json or .png");
        assertFailed(inspect(image), "note.png: is not a PNG file");
        assertFailed(inspect(weights), "note.safetensors");
    }

    private static void assertFailed(CommandRun run, String message) {
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("latent4j: ").contains(message);
    }

    private static CommandRun inspect(Path path, String... options) {
        return CommandRun.of(Stream.concat(Stream.of("inspect", path.toString()), Stream.of(options))
                .toArray(String[]::new));
    }

    private static JsonObject json(CommandRun run) {
        assertThat(run.code()).isZero();
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }
}
