package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Makes adapters with random factors for the embedded model. */
public final class AdapterFile {
    private static final long RANK = 4;

    private AdapterFile() {}

    /** Writes a LoRA of some of the UNet's and the text encoder's layers, in kohya's names. */
    public static Path write(Path file, long seed) throws IOException {
        Map<String, Shape> layers = new HashMap<>();
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            UNet2DConditionModel unet = new UNet2DConditionModel(UNet2DConditionConfig.from(
                    Config.read(model.folder().resolve("unet").resolve("config.json"))));
            ClipTextModel text = new ClipTextModel(ClipTextConfig.from(
                    Config.read(model.folder().resolve("text_encoder").resolve("config.json"))));
            unet.shapes().forEach((key, shape) -> add(layers, "lora_unet_", key, "to_k.weight", shape));
            unet.shapes().forEach((key, shape) -> add(layers, "lora_unet_", key, "conv2.weight", shape));
            text.shapes().forEach((key, shape) -> add(layers, "lora_te_", key, "q_proj.weight", shape));
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(seed);
            Map<String, NDArray> tensors = new HashMap<>();
            layers.keySet().stream().sorted().forEach(layer -> {
                Shape shape = layers.get(layer);
                Shape down = new Shape(RANK).addAll(shape.slice(1));
                Shape up = new Shape(shape.get(0), RANK);
                tensors.put(
                        layer + ".lora_down.weight",
                        random.normal(manager, down).mul(0.1));
                tensors.put(
                        layer + ".lora_up.weight",
                        random.normal(manager, shape.dimension() == 4 ? up.add(1, 1) : up)
                                .mul(0.1));
                tensors.put(layer + ".alpha", manager.create((float) RANK));
            });
            SafeTensors.write(file, tensors, Map.of());
        }
        return file;
    }

    private static void add(Map<String, Shape> layers, String prefix, String key, String ending, Shape shape) {
        if (key.endsWith(ending)) {
            String layer = key.substring(0, key.length() - ".weight".length());
            layers.put(prefix + layer.replace('.', '_'), shape);
        }
    }
}
