package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes a model in the architecture of SDXL: the embedded one with a second text encoder and a UNet of random weights. */
public final class XlFolder {
    private static final double SIZE = 0.05;
    private static final int PROJECTION = 32;
    private static final int NUMBER = 8;

    private XlFolder() {}

    public static Path write(Path folder) throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            for (String part : List.of("scheduler", "vae", "text_encoder", "tokenizer")) {
                copy(model.folder().resolve(part), folder.resolve(part));
            }
            copy(model.folder().resolve("tokenizer"), folder.resolve("tokenizer_2"));
            JsonObject text = json(model, "text_encoder");
            JsonArray architectures = new JsonArray();
            architectures.add("CLIPTextModelWithProjection");
            text.add("architectures", architectures);
            text.addProperty("projection_dim", PROJECTION);
            Config textConfig = config(folder.resolve("text_encoder_2"), text);
            weights(
                    folder.resolve("text_encoder_2/model.safetensors"),
                    new ClipTextModel(ClipTextConfig.from(textConfig)));
            JsonObject unet = json(model, "unet");
            unet.addProperty(
                    "cross_attention_dim", 2 * unet.get("cross_attention_dim").getAsInt());
            unet.addProperty("addition_embed_type", "text_time");
            unet.addProperty("addition_time_embed_dim", NUMBER);
            unet.addProperty("projection_class_embeddings_input_dim", PROJECTION + 6 * NUMBER);
            Config unetConfig = config(folder.resolve("unet"), unet);
            weights(
                    folder.resolve("unet/diffusion_pytorch_model.safetensors"),
                    new UNet2DConditionModel(UNet2DConditionConfig.from(unetConfig)));
        }
        Files.writeString(
                folder.resolve("model_index.json"),
                "{\"_class_name\": \"StableDiffusionXLPipeline\", \"force_zeros_for_empty_prompt\": true}");
        return folder;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static JsonObject json(EmbeddedModel model, String part) throws IOException {
        return Config.read(model.folder().resolve(part).resolve("config.json")).json();
    }

    private static Config config(Path folder, JsonObject json) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("config.json");
        Files.writeString(file, json.toString());
        return Config.read(file);
    }

    private static void weights(Path file, NamedBlock block) throws IOException {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            TorchRandom random = new TorchRandom(1);
            Map<String, NDArray> tensors = new TreeMap<>();
            block.shapes()
                    .forEach((key, shape) ->
                            tensors.put(key, random.normal(manager, shape).mul(SIZE)));
            SafeTensors.write(file, tensors, Map.of());
        }
    }
}
