package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraKeyTest {

    @ParameterizedTest
    @CsvSource({
        "lora_unet_a_b.lora_down.weight, lora_unet_a_b, DOWN, KOHYA",
        "lora_unet_a_b.lora_mid.weight, lora_unet_a_b, MID, KOHYA",
        "lora_te2_a.dora_scale, lora_te2_a, DORA_SCALE, KOHYA",
        "lora_te_a.hada_w1_b, lora_te_a, HADA_W1_B, KOHYA",
        "lora_te_a.hada_t2, lora_te_a, HADA_T2, KOHYA",
        "lora_te_a.lokr_w1, lora_te_a, LOKR_W1, KOHYA",
        "lora_te_a.lokr_w1_a, lora_te_a, LOKR_W1_A, KOHYA",
        "unet.a.attn1.to_q.lora.down.weight, unet.a.attn1.to_q, DOWN, DIFFUSERS",
        "text_encoder.a.lora_linear_layer.up.weight, text_encoder.a, UP, DIFFUSERS",
        "unet.a.attn1.processor.to_q_lora.down.weight, unet.a.attn1.to_q, DOWN, PROCESSORS",
        "a.attn2.processor.to_out_lora.up.weight, a.attn2.to_out.0, UP, PROCESSORS",
        "unet.a.attn1.to_out_lora.down.weight, unet.a.attn1.to_out.0, DOWN, PROCESSORS",
        "text_encoder.a.self_attn.to_q_lora.up.weight, text_encoder.a.self_attn.q_proj, UP, PROCESSORS",
        "text_encoder.a.self_attn.to_out_lora.down.weight, text_encoder.a.self_attn.out_proj, DOWN, PROCESSORS",
        "text_encoder.a.self_attn.processor.to_v_lora.down.weight, text_encoder.a.self_attn.v_proj, DOWN, PROCESSORS",
        "unet.a.to_k.lora_A.weight, unet.a.to_k, DOWN, PEFT",
        "base_model.model.a.to_k.lora_B.default.weight, base_model.model.a.to_k, UP, PEFT",
        "unet.a.to_k.lora_magnitude_vector, unet.a.to_k, MAGNITUDE, PEFT",
        "unet.a.to_k.lora_magnitude_vector.default.weight, unet.a.to_k, MAGNITUDE, PEFT",
    })
    void takesEveryNamingApart(String key, String layer, Role role, LoraNaming naming) {
        assertThat(LoraKey.of(key)).contains(new LoraKey(layer, role, Optional.of(naming)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "down_blocks.0.resnets.0.conv1.weight",
                "emb_params",
                "a.lora_B.bias",
                "lora_down.weight",
                "a.diff"
            })
    void leavesOtherNamesAlone(String key) {
        assertThat(LoraKey.of(key)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"a.diff, full differences", "a.oft_blocks, OFT", "a.lora_B.bias, LoRA with biases"})
    void knowsKindsThatAreNotSupported(String key, String kind) {
        assertThat(LoraKey.unsupportedKind(key)).contains(kind);
    }
}
