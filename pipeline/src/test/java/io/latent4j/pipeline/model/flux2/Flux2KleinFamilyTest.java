package io.latent4j.pipeline.model.flux2;

import static io.latent4j.pipeline.model.transformer.TinyModel.generated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.pipeline.request.GenerationRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
