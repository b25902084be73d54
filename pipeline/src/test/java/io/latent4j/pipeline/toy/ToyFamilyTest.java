package io.latent4j.pipeline.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.hub.DownloadListener;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelLocator;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.Families;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A family that the pipeline does not know of, but for its line in {@code META-INF/services}. */
class ToyFamilyTest {
    private static final Placement PLACEMENT = new Placement(Device.cpu(), DataType.FLOAT32);
    private static final GenerationRequest AZA =
            new GenerationRequest("aza").withSeed(0).withGuidanceScale(1);

    @TempDir
    private Path folder;

    private Model model;

    @BeforeEach
    void open() throws IOException {
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"ToyPipeline\"}");
        Files.createDirectories(folder.resolve("scheduler"));
        Files.writeString(
                folder.resolve("scheduler").resolve("scheduler_config.json"),
                "{\"_class_name\": \"DDIMScheduler\", \"prediction_type\": \"epsilon\", \"clip_sample\": false}");
        model = Families.installed().open("toy", ModelFiles.of(folder), PLACEMENT);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void generatesThroughTheSamePipeline() {
        BufferedImage image = new TextToImagePipeline(model).generate(AZA).image();

        assertThat(image.getWidth()).isEqualTo(24);
        assertThat(image.getHeight()).isEqualTo(12);
        for (int x = 0; x < 24; x += 5) {
            int colour = image.getRGB(x, 7); // a is none of red and blue, z is all of green
            assertThat(colour >> 16 & 255).as("red at %d", x).isLessThan(3);
            assertThat(colour >> 8 & 255).as("green at %d", x).isGreaterThan(252);
            assertThat(colour & 255).as("blue at %d", x).isLessThan(3);
        }
    }

    @Test
    void isGuidedAwayFromTheNegativePrompt() {
        Generation guided = new TextToImagePipeline(model)
                .generate(new GenerationRequest("nnn")
                        .withSeed(0)
                        .withNegativePrompt("ana")
                        .withGuidanceScale(1.5));

        int colour = guided.image().getRGB(3, 3); // n is 13/25 of white; red 1.5 times that, green as it was
        assertThat(colour >> 16 & 255).isBetween(196, 202);
        assertThat(colour >> 8 & 255).isBetween(130, 135);
    }

    @Test
    void encodesAndDecodesByItsOwnCodec() {
        BufferedImage blue = new BufferedImage(24, 12, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 24; x++) {
            for (int y = 0; y < 12; y++) {
                blue.setRGB(x, y, 255);
            }
        }
        TextToImagePipeline pipeline = new TextToImagePipeline(model);
        try (NDManager manager = model.manager().newSubManager()) {
            NDArray latents = pipeline.encode(manager, blue, manager.zeros(new Shape(2, 5, 3, 6)));

            assertThat(latents.getShape()).isEqualTo(new Shape(2, 5, 3, 6));
            assertThat(pipeline.images(latents)).hasSize(2).allMatch(image -> (image.getRGB(9, 9) & 0xFFFFFF) == 255);
        }
        assertThat(pipeline.generate(AZA.withImage(blue).withStrength(0.5))
                        .image()
                        .getWidth())
                .isEqualTo(24);
    }

    @Test
    void saysWhatItsPartsSay() {
        TextToImagePipeline pipeline = new TextToImagePipeline(model);

        assertThat(pipeline.generate(AZA.withPrompt("abcdef").withPromptSyntax(PromptSyntax.PLAIN))
                        .warnings())
                .containsExactly("the prompt has more than 4 tokens; this part is ignored: \"ef\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(AZA.withSize(16, 12)))
                .withMessage("width is 16; expected a multiple of 12, 12 or 24 for instance");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(AZA.withMicroConditioning(MicroConditioning.of(24, 12))))
                .withMessageContaining("there is a micro-conditioning");
    }

    @Test
    void isFoundInASingleFileAndConverted() throws IOException {
        Path file = folder.resolve("toy.safetensors");
        Path unpacked = folder.resolve("unpacked");
        Path again = folder.resolve("again.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            SafeTensors.write(file, Map.of("toy.palette", manager.create(new float[] {3, 1, 4})), Map.of());
        }
        new Conversion(ModelFiles.of(file), Optional.empty()).toFolder(unpacked, (part, to) -> {});
        new Conversion(ModelFiles.of(unpacked), Optional.empty()).toFile(again, (part, to) -> {});

        ModelLocator locator = new ModelLocator(Optional.empty(), DownloadListener.silent());
        assertThat(locator.withTokenizer(file.toString(), FileOptions.none()).warnings())
                .isEmpty(); // and nothing is fetched for a model that needs no tokenizer

        int[] expected = pixels(model);
        for (Path each : List.of(file, unpacked, again)) {
            try (Model opened = Families.installed().open("toy", ModelFiles.of(each), PLACEMENT);
                    Checkpoint weights = ModelFiles.of(each).weights("denoiser")) {
                assertThat(pixels(opened)).as(each.toString()).isEqualTo(expected);
                assertThat(weights.read("colours", opened.manager()).toFloatArray())
                        .containsExactly(3, 1, 4);
            }
        }
    }

    private static int[] pixels(Model model) {
        BufferedImage image = new TextToImagePipeline(model).generate(AZA).image();
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    @Test
    void showsStepsAndRefusesWhatItDoesNotTake() {
        List<BufferedImage> shown = new ArrayList<>();
        try (PreviewDecoder previews = model.linearPreviews()) {
            new TextToImagePipeline(model)
                    .withPreviews(previews)
                    .generate(AZA, event -> shown.add(event.preview().get().get(0)));
        }
        assertThat(shown).hasSize(5).allMatch(image -> image.getWidth() == 24 && image.getHeight() == 12);
        assertThat(shown.get(4).getRGB(3, 3) >> 8 & 255).isGreaterThan(252);

        LearnedWord word = new LearnedWord("<moon>", model.manager().zeros(new Shape(1, 4)));
        assertThat(model.withWords(List.of())).isSameAs(model);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.withWords(List.of(word)))
                .withMessage("the model toy takes no learned words; expected a model of Stable Diffusion");
        assertThat(model.withScheduler(model.scheduler()).name()).isEqualTo("toy");
    }

    @Test
    void leavesTheOtherFamiliesAsTheyAre() throws IOException {
        try (EmbeddedModel embedded = EmbeddedModel.unpack()) {
            assertThat(Families.installed().of(ModelFiles.of(embedded.folder())).title())
                    .isEqualTo("Stable Diffusion");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Components.load(folder, Device.cpu(), DataType.FLOAT32))
                .withMessageContaining("is not a model of a UNet");
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"OtherPipeline\"}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.installed().of(ModelFiles.of(folder)))
                .withMessageContaining("_class_name is \"OtherPipeline\"; expected one of ")
                .withMessageContaining("ToyPipeline");
    }
}
