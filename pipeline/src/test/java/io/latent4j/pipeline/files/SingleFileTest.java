package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.vae.AutoencoderKLConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SingleFileTest {

    @TempDir
    Path folder;

    /** The files are of the published shapes, and all holes: nothing but names and shapes is needed for the settings. */
    @ParameterizedTest
    @CsvSource({
        "sd15, Stable Diffusion 1, StableDiffusionPipeline",
        "sd15-inpaint, Stable Diffusion 1, StableDiffusionInpaintPipeline",
        "sd21, Stable Diffusion 2, StableDiffusionPipeline",
        "sdxl-base, Stable Diffusion XL, StableDiffusionXLPipeline",
        "sdxl-refiner, Stable Diffusion XL refiner, StableDiffusionXLImg2ImgPipeline"
    })
    void settingsOfThePublishedModelsFollowFromTheirTensors(String name, String title, String pipeline)
            throws IOException {
        SingleFileLayout layout = Layouts.installed().all().stream()
                .filter(each -> each.title().equals(title))
                .findFirst()
                .orElseThrow();
        Path manifests = reference().resolve("manifests").resolve(name);
        Map<String, Shape> tensors = new LinkedHashMap<>();
        for (String part : layout.parts()) {
            Config config = Config.read(manifests.resolve(part).resolve("config.json"));
            Map<String, OriginalTensor> original = layout.part(part, config).tensors();
            original.forEach((key, tensor) -> tensors.put(key, tensor.shape()));
            layout.unused(part, original).forEach((key, tensor) -> tensors.put(key, tensor.shape()));
        }
        SingleFile file = SingleFile.open(holes("model.safetensors", tensors), FileOptions.none());
        assertThat(file.layout()).isEqualTo(layout);
        assertThat(file.json("model_index.json").text("_class_name")).isEqualTo(pipeline);
        for (String part : layout.parts()) {
            Config expected = Config.read(manifests.resolve(part).resolve("config.json"));
            Config got = file.json(part + "/config.json");
            switch (part) {
                case "unet" -> assertThat(UNet2DConditionConfig.from(got)).isEqualTo(known(expected));
                case "vae" -> assertThat(AutoencoderKLConfig.from(got)).isEqualTo(AutoencoderKLConfig.from(expected));
                default -> assertThat(ClipTextConfig.from(got)).isEqualTo(ClipTextConfig.from(expected));
            }
            try (Checkpoint weights = file.weights(part)) {
                Map<String, Shape> found = new LinkedHashMap<>();
                weights.tensors().forEach((key, info) -> found.put(key, info.shape()));
                assertThat(found).isEqualTo(layout.part(part, expected).shapes());
            }
        }
    }

    /** Depth and heads of a level that attends nowhere are never used. */
    private static UNet2DConditionConfig known(Config json) {
        UNet2DConditionConfig config = UNet2DConditionConfig.from(json);
        List<Integer> layers = new ArrayList<>(config.transformerLayers());
        for (int i = 0; i < layers.size() - 1; i++) {
            layers.set(i, config.attends().get(i) ? layers.get(i) : 1);
        }
        return new UNet2DConditionConfig(
                config.inChannels(),
                config.outChannels(),
                config.blockOutChannels(),
                config.attends(),
                config.attendsUp(),
                config.heads(),
                layers,
                config.layersPerBlock(),
                config.crossAttentionDim(),
                config.linearProjection(),
                config.normGroups(),
                config.normEpsilon(),
                config.timeCosFirst(),
                config.timeFrequencyShift(),
                config.textTime(),
                config.guidanceDim(),
                config.sampleSize());
    }

    @Test
    void whatStableDiffusion2PredictsIsSaidOrGuessed() throws IOException {
        assertThat(prediction("v2-1_768-ema-pruned.safetensors", FileOptions.none()))
                .isEqualTo("v_prediction");
        assertThat(prediction("512-base-ema.safetensors", FileOptions.none())).isEqualTo("epsilon");
        assertThat(prediction("512-base-ema.safetensors", FileOptions.none().withPredictionType("v_prediction")))
                .isEqualTo("v_prediction");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileOptions.none().withPredictionType("flow"))
                .withMessageContaining("expected epsilon or v_prediction");
    }

    /** Models that were trained on noise alone at the last timestep say so by tensors that are never read. */
    @ParameterizedTest
    @CsvSource({"sdxl-tiny, EulerDiscreteScheduler", "sd15-tiny, DDIMScheduler"})
    void aMarkSetsZeroSignalAtTheEndOfTheSchedule(String name, String scheduler) throws IOException {
        Path original = reference().resolve("singlefile").resolve(name + ".safetensors");
        assertThat(SingleFile.open(original, FileOptions.none())
                        .json("scheduler/scheduler_config.json")
                        .flag("rescale_betas_zero_snr", false))
                .isFalse();
        Path marked = folder.resolve("marked.safetensors");
        try (Checkpoint weights = Checkpoint.open(original);
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new LinkedHashMap<>();
            for (String key : weights.tensors().keySet()) {
                tensors.put(key, weights.read(key, manager));
            }
            tensors.put("ztsnr", manager.ones(new Shape(1)));
            SafeTensors.write(marked, tensors, Map.of());
        }
        SingleFile file = SingleFile.open(marked, FileOptions.none());
        Config json = file.json("scheduler/scheduler_config.json");
        assertThat(json.text("_class_name")).isEqualTo(scheduler);
        assertThat(json.text("prediction_type")).isEqualTo("v_prediction");
        assertThat(json.text("timestep_spacing")).isEqualTo("trailing");
        assertThat(json.flag("rescale_betas_zero_snr", false)).isTrue();
        assertThat(SingleFile.open(marked, FileOptions.none().withPredictionType("epsilon"))
                        .json("scheduler/scheduler_config.json")
                        .flag("rescale_betas_zero_snr", false))
                .isFalse();
    }

    private String prediction(String name, FileOptions options) throws IOException {
        Path file = Files.copy(reference().resolve("singlefile/sd21-tiny.safetensors"), folder.resolve(name));
        try {
            return SingleFile.open(file, options)
                    .json("scheduler/scheduler_config.json")
                    .text("prediction_type");
        } finally {
            Files.delete(file);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lora_unet_down.lora_up.weight, looks like a LoRA",
        "control_model.x, looks like a ControlNet",
        "model.diffusion_model.joint_blocks.0.x, looks like a diffusion transformer",
        "down_blocks.0.x, one part of a model",
        "whatever, begins with whatever",
        "model.diffusion_model.input_blocks.0.0.weight, has a UNet and no text encoder"
    })
    void aFileOfSomethingElseIsRefusedBySayingWhatItIs(String key, String reason) throws IOException {
        Path file = holes("model.safetensors", Map.of(key, new Shape(1, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelFiles.of(file))
                .withMessageStartingWith(file + ": ")
                .withMessageContaining(reason)
                .withMessageContaining("; expected ");
    }

    @Test
    void withoutATokenizerTheMessageSaysWhereToGetOne() throws IOException {
        ModelFiles file = ModelFiles.of(reference().resolve("singlefile/sd15-tiny.safetensors"));
        assertThatThrownBy(() -> file.tokenizer("tokenizer"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("name a folder with vocab.json and merges.txt")
                .hasMessageContaining("openai/clip-vit-large-patch14");
    }

    @ParameterizedTest
    @CsvSource({
        "sd15-tiny, sd15-tiny.safetensors",
        "sd15-inpaint-tiny, sd15-inpaint-tiny.ckpt",
        "sd21-tiny, sd21-tiny.safetensors",
        "sdxl-tiny, sdxl-tiny.safetensors"
    })
    void eachLayoutOfTheSameWeightsGivesTheSameImage(String name, String single) throws IOException {
        Path model = reference().resolve("models").resolve(name);
        Path file = reference().resolve("singlefile").resolve(single);
        int[] expected = pixels(ModelFiles.of(model));
        assertThat(pixels(ModelFiles.of(file, FileOptions.none().withConfig(model))))
                .isEqualTo(expected);
        if (name.equals("sd15-tiny")) { // with the text encoder in an archive, among tensors that were turned and cut
            Path mixed = copy(model, folder.resolve("mixed"));
            Files.delete(mixed.resolve("text_encoder/model.safetensors"));
            Files.copy(
                    reference().resolve("singlefile/text_encoder_bin/pytorch_model.bin"),
                    mixed.resolve("text_encoder/pytorch_model.bin"));
            assertThat(pixels(ModelFiles.of(mixed))).isEqualTo(expected);
        }
    }

    private static int[] pixels(ModelFiles files) throws IOException {
        try (Components parts = Components.load(files, Device.cpu(), DataType.FLOAT32)) {
            BufferedImage image = new TextToImagePipeline(parts)
                    .generate(new GenerationRequest("a lantern")
                            .withSeed(0)
                            .withSize(64, 64)
                            .withSteps(2)
                            .withSeed(3))
                    .images()
                    .get(0);
            return image.getRGB(0, 0, 64, 64, null, 0, 64);
        }
    }

    static Path copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                    target.toFile().setWritable(true);
                }
            }
        }
        return to;
    }

    /** A safetensors file of float16 tensors whose bytes are a hole. */
    private Path holes(String name, Map<String, Shape> tensors) throws IOException {
        StringBuilder json = new StringBuilder();
        long position = 0;
        for (var tensor : tensors.entrySet()) {
            long bytes = 2 * tensor.getValue().size();
            json.append(json.isEmpty() ? "{" : ",")
                    .append('"')
                    .append(tensor.getKey())
                    .append("\":{\"dtype\":\"F16\",\"shape\":")
                    .append(Arrays.toString(tensor.getValue().getShape()))
                    .append(",\"data_offsets\":[")
                    .append(position)
                    .append(',')
                    .append(position + bytes)
                    .append("]}");
            position += bytes;
        }
        byte[] header = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve(name);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            out.setLength(8 + header.length + position);
        }
        return file;
    }

    private static Path reference() {
        String property = System.getProperty("reference", "");
        Path reference = Path.of(System.getProperty("latent4j.root", "..")).resolve(property);
        Assumptions.assumeTrue(!property.isEmpty() && Files.isDirectory(reference));
        return reference;
    }
}
