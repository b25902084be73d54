package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.ConfigJson;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.unet.ControlNetConfig;
import io.latent4j.unet.ControlNetModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes a control network with random weights for the embedded model. */
final class ControlNetFolder {
    private static final double SIZE = 0.05;

    private ControlNetFolder() {}

    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        JsonObject json;
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            json = ConfigJson.read(model.folder().resolve("unet").resolve("config.json"))
                    .json();
        }
        json.addProperty("_class_name", "ControlNetModel");
        json.remove("up_block_types");
        JsonArray widths = new JsonArray();
        List.of(8, 8, 16).forEach(widths::add);
        json.add("conditioning_embedding_out_channels", widths);
        Files.writeString(folder.resolve("config.json"), json.toString());
        ControlNetModel net =
                new ControlNetModel(ControlNetConfig.from(ConfigJson.read(folder.resolve("config.json"))));
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
}
