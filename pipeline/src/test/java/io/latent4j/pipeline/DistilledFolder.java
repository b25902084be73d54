package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes models with the settings of distilled ones: the embedded model's weights where they fit, and random ones. */
public final class DistilledFolder {
    private static final int GUIDANCE = 32;

    private DistilledFolder() {}

    /**
     * Writes a model.
     *
     * @param pipeline the class that {@code model_index.json} names; an SDXL one makes a model with two text encoders
     * @param scheduler the scheduler's file
     * @param told whether the UNet is told the guidance scale
     * @param size of the random weights
     */
    public static Path write(Path folder, String pipeline, String scheduler, boolean told, double size)
            throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            copy(model.folder(), folder);
        }
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"" + pipeline + "\"}");
        Files.writeString(folder.resolve("scheduler/scheduler_config.json"), scheduler);
        JsonObject unet = json(folder.resolve("unet/config.json"));
        if (told) {
            unet.addProperty("time_cond_proj_dim", GUIDANCE);
        }
        if (pipeline.startsWith("StableDiffusionXL")) {
            addSecondEncoder(folder, unet, size);
        }
        NamedBlock block = new UNet2DConditionModel(UNet2DConditionConfig.from(Config.of("unet", unet)));
        rewrite(folder.resolve("unet"), "diffusion_pytorch_model", unet, block, size);
        return folder;
    }

    private static void addSecondEncoder(Path folder, JsonObject unet, double size) throws IOException {
        copy(folder.resolve("tokenizer"), folder.resolve("tokenizer_2"));
        Path second = folder.resolve("text_encoder_2");
        copy(folder.resolve("text_encoder"), second);
        JsonObject encoder = json(second.resolve("config.json"));
        encoder.add("architectures", JsonParser.parseString("[\"CLIPTextModelWithProjection\"]"));
        rewrite(
                second,
                "model",
                encoder,
                new ClipTextModel(ClipTextConfig.from(Config.of("text_encoder_2", encoder))),
                size);
        unet.addProperty("cross_attention_dim", 256);
        unet.addProperty("addition_embed_type", "text_time");
        unet.addProperty("addition_time_embed_dim", 8);
        unet.addProperty("projection_class_embeddings_input_dim", 128 + 6 * 8);
    }

    private static void rewrite(Path folder, String stem, JsonObject config, NamedBlock block, double size)
            throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(1);
            try (Checkpoint old = Checkpoint.open(folder, stem)) {
                for (Map.Entry<String, Shape> wanted : block.shapes().entrySet()) {
                    String key = wanted.getKey();
                    boolean fits = old.tensors().containsKey(key)
                            && old.tensors().get(key).shape().equals(wanted.getValue());
                    tensors.put(
                            key,
                            fits
                                    ? old.read(key, manager, DataType.FLOAT32)
                                    : random.normal(manager, wanted.getValue()).mul(size));
                }
            }
            SafeTensors.write(folder.resolve(stem + ".safetensors"), tensors, Map.of());
        }
        Files.writeString(folder.resolve("config.json"), config.toString());
    }

    private static JsonObject json(Path file) throws IOException {
        return Config.read(file).json();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }
}
