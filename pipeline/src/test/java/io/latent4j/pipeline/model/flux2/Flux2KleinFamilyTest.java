package io.latent4j.pipeline.model.flux2;

import static io.latent4j.pipeline.model.transformer.TinyModel.generated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.ImageSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model of the family through the whole pipeline, against the reference implementation's numbers. */
class Flux2KleinFamilyTest {
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
        tiny = TinyModel.copy("flux2-klein-tiny", whole);
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
                "klein_4",
                model,
                new GenerationRequest("a pale lantern drifts over the mossy canal at dawn, ink drawing")
                        .withSize(96, 96)
                        .withSteps(4),
                2e-4f);
    }

    @Test
    void followsReferenceImagesInTheirOrder() {
        BufferedImage red = filled(Color.RED, 48, 32);
        BufferedImage blue = filled(Color.BLUE, 37, 50);
        int[] plain = generated(model, REQUEST);
        int[] one = generated(model, REQUEST.withReferences(List.of(red)));

        assertThat(one).isNotEqualTo(plain);
        assertThat(generated(model, REQUEST.withReferences(List.of(red, blue)))).isNotEqualTo(one);
        assertThat(generated(model, REQUEST.withReferences(List.of(red, blue))))
                .isNotEqualTo(generated(model, REQUEST.withReferences(List.of(blue, red))));
        Generation open = new TextToImagePipeline(model)
                .generate(REQUEST.withSize(ImageSize.DEFAULT).withReferences(List.of(red)));
        assertThat(open.image().getWidth()).isEqualTo(48);
        assertThat(open.image().getHeight()).isEqualTo(32);
        assertThat(open.results().get(0).parameters()).contains("Reference images: 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> REQUEST.withReferences(Collections.nCopies(11, red)))
                .withMessage("the number of reference images is 11; expected at most 10");
    }

    private static BufferedImage filled(Color colour, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(0, 0, width, height);
        graphics.dispose();
        return image;
    }

    @Test
    void hasDefaultsOfEachKind() throws IOException {
        assertThat(model.defaults().steps()).isEqualTo(4);
        assertThat(model.defaults().guidanceScale()).isEqualTo(1);
        TinyModel.copy("flux2-klein-tiny", folder);
        Path index = folder.resolve("model_index.json");
        Files.writeString(index, Files.readString(index).replace("\"is_distilled\": true", "\"is_distilled\": false"));
        try (Model base = TinyModel.open(folder, TinyModel.PLACEMENT)) {
            assertThat(base.defaults().guidanceScale()).isEqualTo(4);
            assertThat(generated(base, REQUEST.withNegativePrompt("fog"))).isNotEqualTo(generated(base, REQUEST));
        }
        Path file = folder.resolve("transformer/config.json");
        Files.writeString(
                file,
                Files.readString(file).replaceAll("\"joint_attention_dim\": \\d+", "\"joint_attention_dim\": 24"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .withMessageContaining(
                        "joint_attention_dim is 24; expected 72, 3 times the text encoder's hidden_size");
    }
}
