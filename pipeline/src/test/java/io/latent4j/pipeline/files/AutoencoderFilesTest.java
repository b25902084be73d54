package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import io.latent4j.vae.AutoencoderTiny;
import io.latent4j.vae.AutoencoderTinyConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoencoderFilesTest {
    private static final Placement PLACEMENT = new Placement(Device.cpu(), DataType.FLOAT32);
    private static final GenerationRequest REQUEST =
            new GenerationRequest("a red circle").withSeed(0).withSteps(1);

    private static EmbeddedModel model;

    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeAll
    static void unpack() throws IOException {
        model = EmbeddedModel.unpack();
    }

    @AfterAll
    static void delete() throws IOException {
        model.close();
    }

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private BufferedImage image(AutoencoderFiles vae) throws IOException {
        ModelFiles files = ModelFiles.of(model.folder()).withAutoencoder(vae);
        try (Components parts = Components.load(files, PLACEMENT)) {
            return new TextToImagePipeline(parts).generate(REQUEST).image();
        }
    }

    private BufferedImage own() throws IOException {
        try (Components parts = Components.load(ModelFiles.of(model.folder()), PLACEMENT)) {
            return new TextToImagePipeline(parts).generate(REQUEST).image();
        }
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    /** The model's own autoencoder, in every layout that there is, makes the model's own image. */
    @Test
    void everyLayoutOfTheSameWeightsMakesTheSameImage() throws IOException {
        Path vae = model.folder().resolve("vae");
        List<Path> layouts = new ArrayList<>(List.of(
                model.folder(),
                vae,
                vae.resolve("diffusion_pytorch_model.safetensors"),
                original("plain.safetensors", "")));
        layouts.add(original("whole.safetensors", AutoencoderNames.PREFIX));
        int[] expected = pixels(own());
        for (Path layout : layouts) {
            assertThat(pixels(image(AutoencoderFiles.of(layout))))
                    .as(layout.toString())
                    .isEqualTo(expected);
        }
    }

    private Path original(String name, String prefix) throws IOException {
        Path vae = model.folder().resolve("vae");
        AutoencoderKL shape = new AutoencoderKL(AutoencoderKLConfig.from(Config.read(vae.resolve("config.json"))));
        AutoencoderNames names = new AutoencoderNames(shape.config());
        Map<String, NDArray> tensors = new HashMap<>();
        try (Checkpoint weights = Checkpoint.open(vae, "diffusion_pytorch_model")) {
            for (String key : weights.tensors().keySet()) {
                Origin origin = names.origin(key);
                NDArray values = weights.read(key, manager, DataType.FLOAT32);
                boolean pointwise = origin.form() == Origin.Form.POINTWISE;
                tensors.put(
                        prefix + origin.key().substring(AutoencoderNames.PREFIX.length()),
                        pointwise ? values.reshape(values.getShape().addAll(new Shape(1, 1))) : values);
            }
        }
        SafeTensors.write(folder.resolve(name), tensors, Map.of());
        return folder.resolve(name);
    }

    @Test
    void oneForOtherLatentsIsRefused() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        Path own = model.folder().resolve("vae");
        Files.copy(
                own.resolve("diffusion_pytorch_model.safetensors"),
                other.resolve("diffusion_pytorch_model.safetensors"));
        JsonObject config = JsonParser.parseString(Files.readString(own.resolve("config.json")))
                .getAsJsonObject();
        config.addProperty("scaling_factor", 0.5);
        Files.writeString(other.resolve("config.json"), config.toString());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> image(AutoencoderFiles.of(other)))
                .withMessageStartingWith(
                        other + ": is an autoencoder for another family of models: scaling_factor is 0.5; expected ");
    }

    @Test
    void aTinyOneOfTwoFilesDecodesAndEncodes() throws IOException {
        Path decoder = tiny();
        ModelFiles files = ModelFiles.of(model.folder());
        // The embedded model has four pixels to a side of a latent, and the published tiny ones eight.
        assertThatIllegalArgumentException()
                .isThrownBy(() -> image(AutoencoderFiles.of(decoder)))
                .withMessageContaining("pixels to a side of a latent is 8; expected 4");
        AutoencoderFiles both = AutoencoderFiles.of(folder);
        AutoencoderTiny whole = new AutoencoderTiny(AutoencoderTinyConfig.from(both.config()));
        try (Checkpoint weights = both.weights()) {
            whole.load(weights, manager, Precision.FLOAT32, whole::keyOf);
        }
        try (SafeTensors file = SafeTensors.open(decoder)) {
            assertThat(whole.getParameters()
                            .get("decoder.layers.2.conv.0.weight")
                            .getArray())
                    .isEqualTo(file.read("3.conv.0.weight", manager, DataType.FLOAT32));
        }
        assertThat(whole.shapes()).containsKey("encoder.layers.14.weight");

        Files.delete(folder.resolve("taesd_encoder.safetensors"));
        AutoencoderFiles alone = AutoencoderFiles.of(decoder);
        assertThat(new AutoencoderTiny(AutoencoderTinyConfig.from(alone.config())).shapes())
                .doesNotContainKey("encoder.layers.14.weight");

        try (Components parts = Components.load(files, PLACEMENT);
                PreviewDecoder previews = parts.previews(decoder)) {
            List<BufferedImage> seen = new ArrayList<>();
            new TextToImagePipeline(parts)
                    .withPreviews(previews)
                    .generate(REQUEST, event -> seen.addAll(event.preview().get()));
            assertThat(seen).singleElement().extracting(BufferedImage::getWidth).isEqualTo(128);
        }
    }

    /** A tiny autoencoder in the layout of its first publication: two files, of which layers are numbered alike. */
    private Path tiny() throws IOException {
        AutoencoderTiny vae = new AutoencoderTiny(AutoencoderTinyConfig.from(Config.of("none", new JsonObject())));
        TorchRandom random = new TorchRandom(1);
        Map<String, NDArray> encoder = new HashMap<>();
        Map<String, NDArray> decoder = new HashMap<>();
        vae.shapes().forEach((key, shape) -> {
            NDArray values = random.normal(manager, shape).mul(0.01);
            String place = key.substring(key.indexOf("layers.") + "layers.".length());
            if (key.startsWith("encoder.")) {
                encoder.put(place, values);
            } else {
                int dot = place.indexOf('.');
                decoder.put(Integer.parseInt(place.substring(0, dot)) + 1 + place.substring(dot), values);
            }
        });
        SafeTensors.write(folder.resolve("taesd_encoder.safetensors"), encoder, Map.of());
        SafeTensors.write(folder.resolve("taesd_decoder.safetensors"), decoder, Map.of());
        return folder.resolve("taesd_decoder.safetensors");
    }

    @Test
    void whatIsNoAutoencoderIsRefused() throws IOException {
        assertThatThrownBy(() -> AutoencoderFiles.of(folder.resolve("nothing")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no such folder or file");
        assertThatThrownBy(() -> AutoencoderFiles.of(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no autoencoder");
        Path file = folder.resolve("unet.safetensors");
        SafeTensors.write(file, Map.of("conv_in.weight", manager.ones(new Shape(1))), Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutoencoderFiles.of(file))
                .withMessage(file + ": holds no autoencoder; its tensors begin with [conv_in.weight]");
    }
}
