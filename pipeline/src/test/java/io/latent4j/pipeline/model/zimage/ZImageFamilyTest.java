package io.latent4j.pipeline.model.zimage;

import static io.latent4j.pipeline.model.transformer.TinyModel.generated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model of the family through the whole pipeline, against the reference implementation's numbers. */
class ZImageFamilyTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a falcon before the windmill")
            .withSize(32, 48)
            .withSteps(3)
            .withMaxTokens(32)
            .withSeed(5);

    private static Path tiny;
    private static Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open(@TempDir Path whole) throws IOException {
        tiny = TinyModel.copy("z-image-tiny", whole);
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

    /** The reference's guidance scale is one less than here. */
    @Test
    void makesTheReferencesImage() throws IOException {
        TinyModel.assertAsReference(
                "z_cfg_6_g4",
                model,
                new GenerationRequest("An amber falcon stands before the silken windmill, studio light")
                        .withNegativePrompt("no text, no watermark, blurry, low contrast, extra fingers")
                        .withSize(112, 64)
                        .withSteps(6)
                        .withGuidanceScale(5),
                2e-4f);
    }

    @Test
    void limitsTheGuidedPrediction() {
        GenerationRequest guided = REQUEST.withNegativePrompt("fog").withGuidance(Guidance.DEFAULT.withScale(8));
        int[] image = generated(model, guided);

        assertThat(generated(
                        model, guided.withGuidance(Guidance.DEFAULT.withScale(8).withLimit(100))))
                .isEqualTo(image);
        assertThat(generated(
                        model, guided.withGuidance(Guidance.DEFAULT.withScale(8).withLimit(1))))
                .isNotEqualTo(image);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new TextToImagePipeline(model).check(REQUEST.withGuidance(Guidance.DEFAULT.withTrueScale(3))))
                .withMessage("the true guidance scale is 3.0, which is for models that are told the guidance scale;"
                        + " expected 1, and the guidance scale for tiny");
    }

    @Test
    void takesNoReferenceImages() {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TextToImagePipeline(model).check(REQUEST.withReferences(List.of(image))))
                .withMessage("there is 1 reference image, and tiny takes none; expected a model that is told images,"
                        + " FLUX.2 klein for instance, or an image to start from");
    }

    @Test
    void hasDefaultsOfEachKind() throws IOException {
        assertThat(model.defaults().steps()).isEqualTo(8);
        assertThat(model.defaults().guidanceScale()).isEqualTo(1);
        TinyModel.copy("z-image-tiny", folder);
        Path file = folder.resolve("scheduler/scheduler_config.json");
        Files.writeString(file, Files.readString(file).replace("3.0", "6.0"));
        try (Model base = TinyModel.open(folder, TinyModel.PLACEMENT)) {
            assertThat(base.defaults().guidanceScale()).isEqualTo(5);
        }
    }
}
