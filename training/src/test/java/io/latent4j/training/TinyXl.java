package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model of SDXL's shape with random weights, small enough to train in a test. */
final class TinyXl {
    private static final int FIRST = 16;
    private static final int SECOND = 24;

    private TinyXl() {}

    /** Writes it in the layout of diffusers, with the embedded model's tokenizer, autoencoder and scheduler. */
    static void write(Path folder) throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack();
                NDManager manager = NDManager.newBaseManager()) {
            for (String part : new String[] {"tokenizer", "vae", "scheduler"}) {
                ModelFolder.copy(model.folder().resolve(part), folder.resolve(part));
            }
            ModelFolder.copy(model.folder().resolve("tokenizer"), folder.resolve("tokenizer_2"));
            try (ClipTokenizer tokenizer = ClipTokenizer.read(folder.resolve("tokenizer"))) {
                text(folder.resolve("text_encoder"), "CLIPTextModel", FIRST, tokenizer, manager);
                text(folder.resolve("text_encoder_2"), "CLIPTextModelWithProjection", SECOND, tokenizer, manager);
            }
            int channels =
                    Config.read(model.folder().resolve("vae/config.json")).integer("latent_channels");
            JsonObject config = JsonParser.parseString("""
                    {"in_channels": %1$d, "out_channels": %1$d, "block_out_channels": [16, 32], "layers_per_block": 1,
                     "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
                     "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
                     "cross_attention_dim": %2$d, "attention_head_dim": [2, 4], "norm_num_groups": 4, "sample_size": 8,
                     "use_linear_projection": true, "transformer_layers_per_block": [1, 1],
                     "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
                     "projection_class_embeddings_input_dim": %3$d}
                    """.formatted(channels, FIRST + SECOND, SECOND + 6 * 8))
                    .getAsJsonObject();
            UNet2DConditionModel unet = new UNet2DConditionModel(UNet2DConditionConfig.from(Config.of("unet", config)));
            part(folder.resolve("unet"), config, unet, "diffusion_pytorch_model.safetensors", manager);
        }
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"StableDiffusionXLPipeline\"}");
    }

    private static void text(Path folder, String kind, int width, ClipTokenizer tokenizer, NDManager manager)
            throws IOException {
        JsonObject config = JsonParser.parseString(
                        """
                {"architectures": ["%s"], "model_type": "clip_text_model", "hidden_size": %2$d,
                 "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "projection_dim": %2$d,
                 "vocab_size": %3$d, "max_position_embeddings": %4$d, "eos_token_id": 2}
                """.formatted(kind, width, tokenizer.vocabularySize(), tokenizer.maxLength()))
                .getAsJsonObject();
        ClipTextModel model = new ClipTextModel(ClipTextConfig.from(Config.of("text", config)));
        part(folder, config, model, "model.safetensors", manager);
    }

    private static void part(Path folder, JsonObject config, NamedBlock block, String weights, NDManager manager)
            throws IOException {
        TorchRandom random = new TorchRandom(1);
        block.load("random weights", block.shapes(), key -> {
            Shape shape = block.shapes().get(key);
            if (shape.dimension() == 1) {
                return key.endsWith("bias") ? manager.zeros(shape) : manager.ones(shape);
            }
            NDArray normal = random.normal(manager, shape);
            return normal.muli(1 / Math.sqrt((double) shape.size() / shape.get(0)));
        });
        ModelFolder.part(folder, config, block, weights, StoredType.F32);
    }
}
