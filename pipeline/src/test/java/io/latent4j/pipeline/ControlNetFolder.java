package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.unet.ControlNetConfig;
import io.latent4j.unet.ControlNetModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes a control network with random weights for the embedded model. */
public final class ControlNetFolder {
    private static final double SIZE = 0.05;

    private ControlNetFolder() {}

    public static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        JsonObject json;
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            json = Config.read(model.folder().resolve("unet").resolve("config.json"))
                    .json();
        }
        json.addProperty("_class_name", "ControlNetModel");
        json.remove("up_block_types");
        JsonArray widths = new JsonArray();
        List.of(8, 8, 16).forEach(widths::add);
        json.add("conditioning_embedding_out_channels", widths);
        Files.writeString(folder.resolve("config.json"), json.toString());
        ControlNetModel net = new ControlNetModel(ControlNetConfig.from(Config.read(folder.resolve("config.json"))));
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(1);
            Map<String, NDArray> tensors = new TreeMap<>();
            net.shapes()
                    .forEach((key, shape) ->
                            tensors.put(key, random.normal(manager, shape).mul(SIZE)));
            SafeTensors.write(folder.resolve("diffusion_pytorch_model.safetensors"), tensors, Map.of());
        }
        return folder;
    }

    /**
     * Writes the network of a folder under the names that it would have had when it was published: those of the UNet's
     * blocks as they are numbered through, for two levels that attend and one that does not, each of one residual block.
     */
    static Path writeOriginal(Path folder, Path file, String prefix) throws IOException {
        Map<String, String> blocks = new LinkedHashMap<>();
        blocks.put("conv_in", "input_blocks.0.0");
        blocks.put("time_embedding.linear_1", "time_embed.0");
        blocks.put("time_embedding.linear_2", "time_embed.2");
        blocks.put("down_blocks.0.resnets.0", "input_blocks.1.0");
        blocks.put("down_blocks.0.attentions.0", "input_blocks.1.1");
        blocks.put("down_blocks.0.downsamplers.0.conv", "input_blocks.2.0.op");
        blocks.put("down_blocks.1.resnets.0", "input_blocks.3.0");
        blocks.put("down_blocks.1.attentions.0", "input_blocks.3.1");
        blocks.put("down_blocks.1.downsamplers.0.conv", "input_blocks.4.0.op");
        blocks.put("down_blocks.2.resnets.0", "input_blocks.5.0");
        blocks.put("mid_block.resnets.0", "middle_block.0");
        blocks.put("mid_block.attentions.0", "middle_block.1");
        blocks.put("mid_block.resnets.1", "middle_block.2");
        blocks.put("controlnet_cond_embedding.conv_in", "input_hint_block.0");
        for (int i = 0; i < 4; i++) {
            blocks.put("controlnet_cond_embedding.blocks." + i, "input_hint_block." + (2 * i + 2));
        }
        blocks.put("controlnet_cond_embedding.conv_out", "input_hint_block.10");
        for (int i = 0; i < 6; i++) {
            blocks.put("controlnet_down_blocks." + i, "zero_convs." + i + ".0");
        }
        blocks.put("controlnet_mid_block", "middle_block_out.0");
        Map<String, String> layers = Map.of(
                "norm1", "in_layers.0",
                "conv1", "in_layers.2",
                "time_emb_proj", "emb_layers.1",
                "norm2", "out_layers.0",
                "conv2", "out_layers.3",
                "conv_shortcut", "skip_connection");
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model");
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new TreeMap<>();
            for (String key : weights.tensors().keySet()) {
                String block = blocks.keySet().stream()
                        .filter(name -> key.startsWith(name + "."))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException(key));
                String rest = key.substring(block.length() + 1);
                if (block.contains("resnets")) {
                    String layer = rest.substring(0, rest.indexOf('.'));
                    rest = layers.get(layer) + rest.substring(layer.length());
                }
                tensors.put(prefix + blocks.get(block) + "." + rest, weights.read(key, manager));
            }
            SafeTensors.write(file, tensors, Map.of());
        }
        return file;
    }
}
