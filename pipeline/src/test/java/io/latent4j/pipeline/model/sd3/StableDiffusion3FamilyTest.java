package io.latent4j.pipeline.model.sd3;

import static io.latent4j.pipeline.model.transformer.TinyModel.difference;
import static io.latent4j.pipeline.model.transformer.TinyModel.generated;
import static io.latent4j.pipeline.model.transformer.TinyModel.pixels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.lora.Lora;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tiny model of the family, without T5, through the whole pipeline, against the reference implementation's numbers. */
class StableDiffusion3FamilyTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a falcon before the windmill")
            .withSize(32, 48)
            .withSteps(3)
            .withMaxTokens(16)
            .withSeed(5);

    private static Path tiny;
    private static Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open(@TempDir Path whole) throws IOException {
        tiny = TinyModel.copy("sd35-medium-tiny", whole);
        model = TinyModel.open(tiny, TinyModel.PLACEMENT);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void makesTheReferencesImage() throws IOException {
        TinyModel.assertAsReference(
                "sd35m_not5_6_g4.5",
                model,
                new GenerationRequest("An amber falcon stands before the silken windmill, studio light")
                        .withNegativePrompt("no text, no watermark, blurry, low contrast, extra fingers")
                        .withSize(64, 96)
                        .withSteps(6)
                        .withGuidanceScale(4.5),
                2e-4f);
    }

    @Test
    void makesTheSameImageInABatchAndOffloaded() throws IOException {
        TinyModel.assertSameInABatchAndOffloaded(tiny, model, REQUEST);
    }

    /** 3 steps at a strength of 0.5 begin within the second: with flows, that one is taken too. */
    @Test
    void takesTheStepThatAStrengthBeginsIn() {
        BufferedImage image = new TextToImagePipeline(model).generate(REQUEST).image();
        int[] steps = {0};
        new TextToImagePipeline(model)
                .generate(REQUEST.withImage(image).withStrength(0.5), event -> steps[0] = event.steps());
        assertThat(steps[0]).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"euler", "heun", "dpmpp-2m", "unipc"})
    void runsBySamplersOfFlows(String scheduler) {
        int[] image = generated(model, REQUEST.withScheduler(scheduler).withSteps(20));

        assertThat(difference(image, generated(model, REQUEST.withSteps(40)))).isLessThan(120);
    }

    @Test
    void isGuidedByTheNegativePrompt() {
        assertThat(generated(model, REQUEST.withNegativePrompt("fog"))).isNotEqualTo(generated(model, REQUEST));
        assertThat(generated(model, REQUEST.withNegativePrompt("fog").withGuidanceScale(1)))
                .isEqualTo(generated(model, REQUEST.withGuidanceScale(1)));
    }

    @Test
    void tellsWhatNoEncoderReads() {
        GenerationRequest tooLong = REQUEST.withPrompt("falcon ".repeat(100).strip());

        assertThat(new TextToImagePipeline(model).generate(tooLong).warnings())
                .singleElement()
                .asString()
                .startsWith("the prompt has more than 75 tokens; this part is ignored: \"");
    }

    @Test
    void followsAdapters() throws IOException {
        Path file = folder.resolve("ink.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            long width = model.denoiser()
                    .block()
                    .shapes()
                    .get("transformer_blocks.1.attn.to_q.weight")
                    .get(0);
            String layer = "transformer.transformer_blocks.1.attn.to_q.lora_";
            SafeTensors.write(
                    file,
                    Map.of(
                            layer + "A.weight", manager.ones(new Shape(2, width)),
                            layer + "B.weight", manager.ones(new Shape(width, 2))),
                    Map.of());
        }
        int[] plain = generated(model, REQUEST);
        try (Lora lora = Lora.load(file, model.adaptable(), model.manager())) {
            TextToImagePipeline pipeline = new TextToImagePipeline(model).withAdapters(lora);
            assertThat(pixels(pipeline.generate(REQUEST.withAdapters(new AdapterUse(lora.name(), 1)))
                            .image()))
                    .isNotEqualTo(plain);
        }
        assertThat(generated(model, REQUEST)).isEqualTo(plain);
    }

    @Test
    void refusesFilesThatDoNotBelongTogether() throws IOException {
        TinyModel.copy("sd35-medium-tiny", folder);
        Path file = folder.resolve("transformer/config.json");
        String config = Files.readString(file);

        Files.writeString(file, config.replaceAll("\"pooled_projection_dim\": \\d+", "\"pooled_projection_dim\": 40"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .withMessageContaining("pooled_projection_dim is 40; expected 48");
        Files.writeString(file, config.replaceAll("\"in_channels\": \\d+", "\"in_channels\": 4"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .withMessageContaining("in_channels is 4");
        assertThat(model.defaults().guidanceScale()).isEqualTo(4.5);
    }
}
