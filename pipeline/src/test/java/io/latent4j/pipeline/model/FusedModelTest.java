package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.core.weights.TensorInfo;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.AdapterFile;
import io.latent4j.pipeline.AdapterUses;
import io.latent4j.pipeline.Differences;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FusedModelTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a red circle on a white background")
            .withSeed(0)
            .withSteps(2);

    @TempDir
    private Path folder;

    /** The model is a link, and one of its parts too, as in caches and on shared disks. */
    @Test
    void followsLinks() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path parts = Files.createDirectory(folder.resolve("parts"));
            try (var all = Files.list(model.folder())) {
                for (Path part : all.toList()) {
                    Files.createSymbolicLink(parts.resolve(part.getFileName()), part);
                }
            }
            checkFused(Files.createSymbolicLink(folder.resolve("link"), parts), false);
        }
    }

    /** Queries, keys and values are one layer in the file, and three in the model. */
    @Test
    void writesAModelOfATransformer() throws IOException {
        Path source = TinyModel.copy("z-image-tiny", folder.resolve("z-image"));
        Path target = folder.resolve("fused");
        Path file = folder.resolve("ink.safetensors");
        String layer = "diffusion_model.layers.0.attention.qkv";
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray up = manager.ones(new Shape(144, 1));
            SafeTensors.write(
                    file,
                    Map.of(
                            layer + ".lora_A.weight",
                            manager.ones(new Shape(1, 48)),
                            layer + ".lora_B.weight",
                            up.cumSum(0).reshape(144, 1)),
                    Map.of());
        }
        try (Model model = TinyModel.open(source, TinyModel.PLACEMENT);
                Lora lora = model.lora(file)) {
            FusedModel.write(ModelFiles.of(source), model, List.of(lora.at(1)), target, Optional.of(StoredType.F32));
        }
        try (Checkpoint before = ModelFiles.of(source).weights("transformer");
                Checkpoint after = ModelFiles.of(target).weights("transformer");
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(after.tensors().keySet()).isEqualTo(before.tensors().keySet());
            for (String key : before.tensors().keySet()) {
                NDArray change = after.read(key, manager, DataType.FLOAT32)
                        .sub(before.read(key, manager, DataType.FLOAT32))
                        .flatten();
                float first = change.getFloat(0);
                float expected = key.equals("layers.0.attention.to_q.weight")
                        ? 1
                        : key.equals("layers.0.attention.to_k.weight")
                                ? 49
                                : key.equals("layers.0.attention.to_v.weight") ? 97 : 0;
                assertThat(first).as(key).isCloseTo(expected, within(1e-3f));
            }
        }
    }

    @Test
    void takesOffloadedParts() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            checkFused(model.folder(), true);
        }
    }

    private void checkFused(Path model, boolean offload) throws IOException {
        Placement here = new Placement(Device.cpu(), DataType.FLOAT32);
        Path target = folder.resolve("fused");
        try (Components parts = Components.load(ModelFiles.of(model), offload ? here.offloaded() : here);
                Lora lora = parts.lora(AdapterFile.write(folder.resolve("ink.safetensors"), 1))) {
            List<LoraUse> uses = List.of(lora.at(1));
            FusedModel.write(ModelFiles.of(model), parts, uses, target, Optional.of(StoredType.F32));
            BufferedImage adapted = new TextToImagePipeline(parts)
                    .withAdapters(lora)
                    .generate(AdapterUses.with(REQUEST, lora.at(1)))
                    .image();
            try (Components fused = Components.load(target, Device.cpu(), DataType.FLOAT32)) {
                assertThat(Differences.largest(
                                new TextToImagePipeline(fused).generate(REQUEST).image(), adapted))
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    /** Types differ from part to part and from tensor to tensor; nothing of what the adapter leaves alone changes. */
    @Test
    void keepsTheTypeOfEachTensor() throws IOException {
        Path mixed = folder.resolve("mixed");
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            new Conversion(ModelFiles.of(model.folder()), Optional.of(StoredType.BF16))
                    .toFolder(mixed, (part, file) -> {});
            try (Checkpoint text = ModelFiles.of(model.folder()).weights("text_encoder");
                    NDManager manager = NDManager.newBaseManager()) {
                Map<String, NDArray> arrays = new TreeMap<>();
                for (String key : text.tensors().keySet()) {
                    arrays.put(key, text.read(key, manager, DataType.FLOAT32));
                }
                SafeTensors.write(mixed.resolve("text_encoder/model.safetensors"), arrays, Map.of("format", "pt"));
            }
        }
        for (String name : List.of("fused", "fused.safetensors")) {
            try (Components parts =
                            Components.load(ModelFiles.of(mixed), new Placement(Device.cpu(), DataType.FLOAT32));
                    Lora lora = parts.lora(AdapterFile.write(folder.resolve("ink.safetensors"), 1))) {
                FusedModel.write(
                        ModelFiles.of(mixed), parts, List.of(lora.at(1)), folder.resolve(name), Optional.empty());
            }
            for (String part : List.of("unet", "vae", "text_encoder")) {
                try (Checkpoint own = ModelFiles.of(mixed).weights(part);
                        Checkpoint fused = name.equals("fused")
                                ? ModelFiles.of(folder.resolve(name)).weights(part)
                                : Checkpoint.open(folder.resolve(name))) {
                    assertThat(fused.tensors().values().stream().map(TensorInfo::type))
                            .as(name + " " + part)
                            .containsAll(own.tensors().values().stream()
                                    .map(TensorInfo::type)
                                    .distinct()
                                    .toList())
                            .doesNotContain(StoredType.F16);
                    if (name.equals("fused")) {
                        own.tensors()
                                .forEach((key, info) -> assertThat(
                                                fused.tensors().get(key).type())
                                        .as(key)
                                        .isEqualTo(info.type()));
                    }
                }
            }
        }
    }
}
