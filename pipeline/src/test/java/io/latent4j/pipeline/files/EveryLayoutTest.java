package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded model, in each layout that weights come in, makes the image that it makes, bit for bit. */
class EveryLayoutTest {
    private static final String STEM = "diffusion_pytorch_model";

    @TempDir
    private static Path folder;

    private static EmbeddedModel model;
    private static int[] expected;

    @BeforeAll
    static void draw() throws IOException {
        model = EmbeddedModel.unpack();
        expected = pixels(ModelFiles.of(model.folder()));
    }

    @AfterAll
    static void delete() throws IOException {
        model.close();
    }

    private static int[] pixels(ModelFiles files) throws IOException {
        try (Components parts = Components.load(files, Device.cpu(), DataType.FLOAT32)) {
            BufferedImage image = new TextToImagePipeline(parts)
                    .generate(new GenerationRequest("a red circle")
                            .withSeed(0)
                            .withSteps(2)
                            .withSeed(3))
                    .image();
            return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        }
    }

    @Test
    void aSingleFileAndTheFolderOfIt() throws IOException {
        Path file = folder.resolve("shapes.safetensors");
        new Conversion(ModelFiles.of(model.folder()), Optional.empty()).toFile(file, (part, to) -> {});
        ModelFiles single = ModelFiles.of(file, FileOptions.none().withConfig(model.folder()));
        assertThat(pixels(single)).isEqualTo(expected);
        Path back = folder.resolve("back");
        new Conversion(single, Optional.empty()).toFolder(back, (part, to) -> {});
        assertThat(pixels(ModelFiles.of(back))).isEqualTo(expected);
    }

    /** What the schedule is, no weight shows: marks in the file do. */
    @Test
    void aSingleFileSaysThatItsScheduleEndsInNoiseAlone() throws IOException {
        Path file = folder.resolve("marked.safetensors");
        new Conversion(ModelFiles.of(model.folder()), Optional.empty()).toFile(file, (part, to) -> {});
        JsonObject scheduler =
                ModelFiles.of(file).json("scheduler/scheduler_config.json").json();
        JsonObject own = ModelFiles.of(model.folder())
                .json("scheduler/scheduler_config.json")
                .json();
        for (String key : List.of("prediction_type", "timestep_spacing", "rescale_betas_zero_snr")) {
            assertThat(scheduler.get(key)).as(key).isEqualTo(own.get(key));
        }
    }

    @Test
    void aFolderWithoutAutoencoderAndAnother() throws IOException {
        Path copy = SingleFileTest.copy(model.folder(), folder.resolve("without"));
        for (String file : List.of("config.json", STEM + ".safetensors", "")) {
            Files.delete(copy.resolve("vae").resolve(file));
        }
        assertThatThrownBy(() -> pixels(ModelFiles.of(copy)))
                .isInstanceOf(MissingPartException.class)
                .hasMessage(copy + ": has no autoencoder (no folder vae); give another autoencoder");
        AutoencoderFiles vae = AutoencoderFiles.of(model.folder().resolve("vae"));
        ModelFiles whole = ModelFiles.of(copy).withAutoencoder(vae);
        assertThat(pixels(whole)).isEqualTo(expected);
        Path file = folder.resolve("whole.safetensors");
        new Conversion(whole, Optional.empty()).toFile(file, (part, to) -> {});
        assertThat(pixels(ModelFiles.of(file, FileOptions.none().withConfig(model.folder()))))
                .isEqualTo(expected);
    }

    /** What was ignored while loading is said with the images. */
    @Test
    void aSingleFileOfWhichAVariantIsWanted() throws IOException {
        Path file = folder.resolve("variant.safetensors");
        new Conversion(ModelFiles.of(model.folder()), Optional.empty()).toFile(file, (part, to) -> {});
        FileOptions options = FileOptions.none().withConfig(model.folder());
        String variant = file + ": is a single file and has one set of weights; the variant fp16 has no effect";
        ModelFiles wrong = ModelFiles.of(file, options.withPredictionType("epsilon"), Optional.of("fp16"));
        assertThat(wrong.warnings())
                .contains(variant)
                .anyMatch(warning -> warning.startsWith(file + ": is taken to predict epsilon, as it was told"));
        ModelFiles files = ModelFiles.of(file, options, Optional.of("fp16"));
        try (Components parts = Components.load(files, Device.cpu(), DataType.FLOAT32)) {
            assertThat(new TextToImagePipeline(parts.withWords(List.of()))
                            .generate(new GenerationRequest("").withSeed(1).withSteps(1))
                            .warnings())
                    .containsExactly(variant);
        }
        assertThat(ModelFiles.of(file, options).warnings()).isEmpty();
        assertThat(ModelFiles.orPlain(file, options, Optional.of("fp16")).warnings())
                .isEmpty();
    }

    @Test
    void aFolderOfTheVariantFp16() throws IOException {
        Path copy = SingleFileTest.copy(model.folder(), folder.resolve("fp16"));
        for (String part : List.of("unet", "vae", "text_encoder")) {
            Path file = copy.resolve(part).resolve(ModelFolder.stem(part) + ".safetensors");
            Files.move(file, file.resolveSibling(ModelFolder.stem(part) + ".fp16.safetensors"));
        }
        assertThat(pixels(ModelFiles.of(copy))).isEqualTo(expected);
    }

    @Test
    void aFolderWithShards() throws IOException {
        Path copy = SingleFileTest.copy(model.folder(), folder.resolve("shards"));
        Path unet = copy.resolve("unet");
        try (Checkpoint whole = Checkpoint.open(unet, STEM);
                NDManager manager = NDManager.newBaseManager()) {
            List<Map<String, NDArray>> shards = List.of(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
            List<String> names = new ArrayList<>();
            JsonObject places = new JsonObject();
            for (int i = 0; i < shards.size(); i++) {
                names.add(STEM + "-0000" + (i + 1) + "-of-00003.safetensors");
            }
            int next = 0;
            for (String key : whole.tensors().keySet()) {
                shards.get(next).put(key, whole.read(key, manager));
                places.addProperty(key, names.get(next));
                next = (next + 1) % shards.size();
            }
            for (int i = 0; i < shards.size(); i++) {
                SafeTensors.write(unet.resolve(names.get(i)), shards.get(i), Map.of());
            }
            JsonObject index = new JsonObject();
            index.add("weight_map", places);
            Files.writeString(unet.resolve(STEM + ".safetensors.index.json"), index.toString());
        }
        Files.delete(unet.resolve(STEM + ".safetensors"));
        assertThat(pixels(ModelFiles.of(copy))).isEqualTo(expected);
    }
}
