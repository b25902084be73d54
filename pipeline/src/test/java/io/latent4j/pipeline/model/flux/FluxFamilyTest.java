package io.latent4j.pipeline.model.flux;

import static io.latent4j.pipeline.model.transformer.TinyModel.generated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model of the family through the whole pipeline, against the reference implementation's numbers. */
class FluxFamilyTest {
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
        tiny = TinyModel.copy("flux-dev-tiny", whole);
        model = TinyModel.open(tiny, TinyModel.PLACEMENT);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void makesTheSameImageInABatchAndOffloaded() throws IOException {
        TinyModel.assertSameInABatchAndOffloaded(tiny, model, REQUEST);
    }

    @Test
    void makesTheReferencesImage() throws IOException {
        TinyModel.assertAsReference(
                "flux_dev_8_g3.5",
                model,
                new GenerationRequest("a pale lantern drifts over the mossy canal at dawn, ink drawing")
                        .withSize(96, 96)
                        .withSteps(8)
                        .withGuidanceScale(3.5),
                2e-4f);
    }

    @Test
    void isToldTheScaleAndHasANegativeSideWithATrueScale() {
        GenerationRequest negative = REQUEST.withNegativePrompt("fog");
        Guidance truly = Guidance.DEFAULT.withTrueScale(3);

        assertThat(generated(model, REQUEST.withGuidanceScale(1))).isNotEqualTo(generated(model, REQUEST));
        assertThat(generated(model, negative)).isEqualTo(generated(model, REQUEST));
        assertThat(new TextToImagePipeline(model).generate(negative).warnings())
                .containsExactly(
                        "the negative prompt has no effect, because the model takes the guidance scale as an input;"
                                + " a true guidance scale above 1 gives it one, at twice the work");
        assertThat(generated(model, negative.withGuidance(truly)))
                .isNotEqualTo(generated(model, REQUEST.withGuidance(truly)));
        assertThat(new TextToImagePipeline(model)
                        .generate(negative.withGuidance(truly))
                        .warnings())
                .isEmpty();
    }

    @Test
    void tellsWhatT5DoesNotRead() {
        assertThat(new TextToImagePipeline(model)
                        .generate(REQUEST.withPrompt("falcon ".repeat(40).strip()))
                        .warnings())
                .singleElement()
                .asString()
                .startsWith("the prompt has more than 15 tokens; this part is ignored: \"");
    }

    @Test
    void hasDefaultsOfEachKind() throws IOException {
        assertThat(model.defaults().steps()).isEqualTo(28);
        assertThat(model.defaults().guidanceScale()).isEqualTo(3.5);
        TinyModel.copy("flux-dev-tiny", folder);
        Path file = folder.resolve("transformer/config.json");
        String config = Files.readString(file);
        Files.writeString(file, config.replaceAll("\"in_channels\": \\d+", "\"in_channels\": 384"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .withMessageContaining("in_channels is 384")
                .withMessageContaining("Fill, Canny and Depth, are not supported");
        Files.writeString(file, config.replaceAll("\"joint_attention_dim\": \\d+", "\"joint_attention_dim\": 32"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .withMessageContaining("joint_attention_dim is 32; expected 64, T5's d_model");
    }
}
