package io.latent4j.pipeline.model.pixart;

import static io.latent4j.pipeline.model.transformer.TinyModel.difference;
import static io.latent4j.pipeline.model.transformer.TinyModel.generated;
import static io.latent4j.pipeline.model.transformer.TinyModel.pixels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.Lora;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model of the family through the whole pipeline, against the reference implementation's numbers. */
class PixArtFamilyTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a falcon before the windmill")
            .withSize(32, 48)
            .withSteps(3)
            .withSeed(5);

    private static Path tiny;
    private static Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open(@TempDir Path whole) throws IOException {
        tiny = TinyModel.copy("pixart-sigma-tiny", whole);
        model = TinyModel.open(tiny, TinyModel.PLACEMENT);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void makesTheReferencesImage() throws IOException {
        TinyModel.assertAsReference(
                "pixart_6_g1",
                model,
                new GenerationRequest("the ragged notebook waits near a velvet kettle in heavy fog, film grain")
                        .withMaxTokens(120)
                        .withSize(80, 64)
                        .withSteps(6)
                        .withGuidanceScale(1),
                5e-3f);
    }

    @Test
    void makesTheSameImageInABatchAndOffloaded() throws IOException {
        TinyModel.assertSameInABatchAndOffloaded(tiny, model, REQUEST);
    }

    @Test
    void readsTextsInLowerCaseAndToALength() {
        int[] image = generated(model, REQUEST);

        assertThat(generated(model, REQUEST.withPrompt(" A Falcon before the WINDMILL ")))
                .isEqualTo(image);
        assertThat(generated(model, REQUEST.withPrompt("a falcon"))).isNotEqualTo(image);
        assertThat(generated(model, REQUEST.withMaxTokens(3))).isNotEqualTo(image);
        Generation cut = new TextToImagePipeline(model).generate(REQUEST.withMaxTokens(3));
        assertThat(cut.warnings())
                .singleElement()
                .asString()
                .startsWith("the prompt has more than 2 tokens; this part is ignored: \"");
    }

    @Test
    void saysThatWeightsHaveNoEffect() {
        GenerationRequest weighted = REQUEST.withPrompt("a (falcon:1.4) before the windmill");
        Generation generation = new TextToImagePipeline(model).generate(weighted);

        assertThat(pixels(generation.image())).isEqualTo(generated(model, REQUEST));
        assertThat(generation.warnings())
                .containsExactly("the prompt has weights or sections, which tiny does not follow: it reads \"a falcon"
                        + " before the windmill\"; with the syntax plain, brackets are read as they are");
        GenerationRequest plain = weighted.withPromptSyntax(PromptSyntax.PLAIN);
        assertThat(new TextToImagePipeline(model).generate(plain).warnings()).isEmpty();
    }

    @Test
    void startsFromAnImageAndShowsSteps() {
        BufferedImage image = new TextToImagePipeline(model).generate(REQUEST).image();
        List<BufferedImage> shown = new ArrayList<>();
        try (PreviewDecoder previews = model.linearPreviews()) {
            Generation again = new TextToImagePipeline(model)
                    .withPreviews(previews)
                    .generate(
                            REQUEST.withImage(image).withStrength(0.7),
                            event -> shown.add(event.preview().get().get(0)));
            assertThat(again.image().getHeight()).isEqualTo(48);
        }
        assertThat(shown).hasSize(2).allMatch(step -> step.getWidth() == 32 && step.getHeight() == 48);
    }

    @Test
    void refusesWhatItDoesNotTake() {
        TextToImagePipeline pipeline = new TextToImagePipeline(model);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.check(REQUEST.withSize(40, 48)))
                .withMessage("width is 40; expected a multiple of 16, 32 or 48 for instance");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.check(REQUEST.withClipSkip(2)))
                .withMessageContaining("the clip skip is 2; expected 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.check(REQUEST.withMaxTokens(513)))
                .withMessage("the number of tokens is 513; expected at most 512, which tiny reads");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.check(REQUEST.withMicroConditioning(MicroConditioning.of(32, 48))))
                .withMessageContaining("there is a micro-conditioning, which tiny is not told");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.controlNet(tiny.resolve("vae")))
                .withMessageContaining("takes no control networks");
        assertThat(model.defaults().steps()).isEqualTo(20);
        assertThat(model.defaults().guidanceScale()).isEqualTo(4.5);
        assertThat(model.defaults().width()).isEqualTo(128);
    }

    @Test
    void followsAdapters() throws IOException {
        Path file = folder.resolve("ink.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            String layer = "transformer.transformer_blocks.1.attn2.to_q.lora_";
            SafeTensors.write(
                    file,
                    Map.of(
                            layer + "A.weight", manager.ones(new Shape(2, 48)),
                            layer + "B.weight", manager.ones(new Shape(48, 2))),
                    Map.of());
        }
        int[] plain = generated(model, REQUEST);
        try (Lora lora = Lora.load(file, model.adaptable(), model.manager())) {
            TextToImagePipeline pipeline = new TextToImagePipeline(model).withAdapters(lora);
            int[] adapted = pixels(pipeline.generate(REQUEST.withAdapters(List.of(new AdapterUse(lora.name(), 1))))
                    .image());
            assertThat(adapted).isNotEqualTo(plain);
        }
        assertThat(generated(model, REQUEST)).isEqualTo(plain);
    }

    @Test
    void isWrittenAsAFolderInAnotherTypeAndNotAsAFile() throws IOException {
        Path written = folder.resolve("narrow");
        Conversion conversion = new Conversion(ModelFiles.of(tiny), Optional.of(StoredType.BF16));
        List<String> parts = new ArrayList<>();

        conversion.toFolder(written, (part, file) -> parts.add(part));

        assertThat(parts).containsExactly("text_encoder", "transformer", "vae");
        try (Model narrow = TinyModel.open(written, TinyModel.PLACEMENT)) {
            int[] image = generated(narrow, REQUEST);
            assertThat(difference(image, generated(model, REQUEST))).isBetween(1, 60);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> conversion.toFile(folder.resolve("one.safetensors"), (part, file) -> {}))
                .withMessageContaining("is a model of a family that has no single files; keep the folder");
    }

    @Test
    void refusesFilesThatDoNotBelongTogether() throws IOException {
        TinyModel.copy("pixart-sigma-tiny", folder);
        Path transformer = Files.move(folder.resolve("transformer"), folder.resolve("other"));
        assertThatThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has no folder transformer");
        Files.move(transformer, folder.resolve("transformer"));
        String config = Files.readString(folder.resolve("transformer/config.json"));
        Files.writeString(
                folder.resolve("transformer/config.json"),
                config.replace("\"caption_channels\": 64", "\"caption_channels\": 32"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .withMessageContaining("d_model is 64; expected 32, the transformer's caption_channels");
        Files.writeString(
                folder.resolve("transformer/config.json"), config.replace("\"in_channels\": 4", "\"in_channels\": 16"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinyModel.open(folder, TinyModel.PLACEMENT))
                .withMessageContaining("in_channels is 16 and out_channels 8; expected 4, the VAE's latent_channels");
    }
}
