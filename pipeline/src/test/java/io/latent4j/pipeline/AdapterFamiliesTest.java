package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.Families;
import io.latent4j.pipeline.model.UNetFamily;
import io.latent4j.pipeline.model.sd.StableDiffusionFamily;
import io.latent4j.pipeline.model.sdxl.StableDiffusionXlFamily;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of one family of models on another, by UNets that are narrow but read texts of the published widths. */
class AdapterFamiliesTest {
    private static final String XL = "Stable Diffusion XL";
    private static final Map<String, Integer> WIDTHS =
            Map.of("Stable Diffusion 1", 768, "Stable Diffusion 2", 1024, XL, 2048);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "Stable Diffusion XL, Stable Diffusion 1",
        "Stable Diffusion 1, Stable Diffusion XL",
        "Stable Diffusion 2, Stable Diffusion 1",
        "Stable Diffusion 1, Stable Diffusion 2"
    })
    void areRefusedByNameOfTheirFamily(String family, String other) throws IOException {
        Path file = adapter(unet(family));
        Lora.report(file, model(family)); // fits
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lora.report(file, model(other)))
                .withMessageStartingWith(file + ": does not fit the model: ")
                .withMessageEndingWith("; it was made for " + family + "; use it with the model it was made for");
    }

    @Test
    void areToldByTheNamesOfTheirLayersToo() {
        Families families = Families.installed();
        assertThat(families.adapterOrigin(Map.of("lora_te2_text_model_encoder_layers_0_mlp_fc1", 0L)))
                .contains(XL);
        assertThat(families.adapterOrigin(Map.of("transformer.single_transformer_blocks.0.attn.to_q", 3072L)))
                .contains("Flux");
        assertThat(families.adapterOrigin(Map.of("lora_unet_joint_blocks_0_x_block_attn_qkv", 1536L)))
                .contains("Stable Diffusion 3");
        assertThat(families.adapterOrigin(Map.of("unet.a.attn2.to_k", 12L, "unet.a.attn1.to_k", 768L)))
                .isEmpty();
    }

    private static AdaptableModel model(String family) {
        UNetFamily own = family.equals(XL) ? new StableDiffusionXlFamily() : new StableDiffusionFamily();
        return own.adaptable(Map.of(LoraPart.UNET, unet(family)));
    }

    private static UNet2DConditionModel unet(String family) {
        JsonObject json = JsonParser.parseString("""
            {"down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
             "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
             "block_out_channels": [8, 16], "norm_num_groups": 4, "attention_head_dim": 2, "layers_per_block": 1}
            """).getAsJsonObject();
        json.addProperty("cross_attention_dim", WIDTHS.get(family));
        return new UNet2DConditionModel(UNet2DConditionConfig.from(Config.of(family, json)));
    }

    /** A LoRA of rank 1 of all that attends, in kohya's names, whose header says nothing. */
    private Path adapter(UNet2DConditionModel unet) throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new TreeMap<>();
            unet.shapes().forEach((key, shape) -> {
                if (key.matches(".*attn[12]\\.to_[qkv]\\.weight")) {
                    String layer = "lora_unet_" + key.replace(".weight", "").replace('.', '_');
                    tensors.put(layer + ".lora_down.weight", manager.ones(new Shape(1, shape.get(1))));
                    tensors.put(layer + ".lora_up.weight", manager.ones(new Shape(shape.get(0), 1)));
                }
            });
            SafeTensors.write(file, tensors, Map.of());
        }
        return file;
    }
}
