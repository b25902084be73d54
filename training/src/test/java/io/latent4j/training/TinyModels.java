package io.latent4j.training;

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;

/** Networks small enough to train in a test. */
public final class TinyModels {
    private TinyModels() {}

    static UNet2DConditionModel unet(NDManager manager, long seed) {
        UNet2DConditionModel unet =
                new UNet2DConditionModel(UNet2DConditionConfig.from(Config.of("unet", unetConfig())));
        Initialization.fill(unet, manager, seed);
        return unet;
    }

    /** For the tokens of {@code tokenizer}, 16 wide. */
    static ClipTextModel textEncoder(NDManager manager, ClipTokenizer tokenizer, long seed) {
        ClipTextModel model = new ClipTextModel(new ClipTextConfig(
                Math.toIntExact(tokenizer.vocabularySize()),
                16,
                32,
                1,
                2,
                tokenizer.maxLength(),
                ClipTextConfig.Activation.QUICK_GELU,
                1e-5,
                tokenizer.eos(),
                0));
        Initialization.fill(model, manager, seed);
        return model;
    }

    public static JsonObject unetConfig() {
        return JsonParser.parseString("""
                {"in_channels": 4, "out_channels": 4, "block_out_channels": [16, 32], "layers_per_block": 1,
                 "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
                 "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
                 "cross_attention_dim": 16, "attention_head_dim": 2, "norm_num_groups": 4, "sample_size": 8}
                """).getAsJsonObject();
    }
}
