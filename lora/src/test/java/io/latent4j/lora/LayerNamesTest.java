package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No test here needs an engine. */
class LayerNamesTest {
    private static final LayerNames NAMES = new LayerNames(new AdaptableModel(
            TestModel.NAMES,
            Map.of(
                    LoraPart.UNET, new TestModel(),
                    LoraPart.TEXT_ENCODER, new Encoder(),
                    LoraPart.TEXT_ENCODER_2, new Encoder())));

    private static final class Encoder extends NamedBlock {
        Encoder() {
            child("text_model.encoder.layers.0.self_attn.q_proj", new Linear(4, 4));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lora_unet_down_blocks_0_resnets_0_conv1, UNET, down_blocks.0.resnets.0.conv1",
        "lora_unet_input_blocks_0_0, , ",
        "lora_unet_out_2, UNET, conv_out",
        "diffusion_model.out.2, UNET, conv_out",
        "unet.conv_out, UNET, conv_out",
        "conv_out, UNET, conv_out",
        "lycoris_conv_out, UNET, conv_out",
        "base_model.model.conv_out, UNET, conv_out",
        "base_model.model.unet.conv_out, UNET, conv_out",
        "lora_te_text_model_encoder_layers_0_self_attn_q_proj, TEXT_ENCODER, text_model.encoder.layers.0.self_attn.q_proj",
        "lora_te1_text_model_encoder_layers_0_self_attn_q_proj, TEXT_ENCODER, text_model.encoder.layers.0.self_attn.q_proj",
        "lora_te2_text_model_encoder_layers_0_self_attn_q_proj, TEXT_ENCODER_2, text_model.encoder.layers.0.self_attn.q_proj",
        "text_encoder_2.text_model.encoder.layers.0.self_attn.q_proj, TEXT_ENCODER_2, text_model.encoder.layers.0.self_attn.q_proj",
        "text_encoder.encoder.layers.0.self_attn.q_proj, TEXT_ENCODER, text_model.encoder.layers.0.self_attn.q_proj",
        "lora_te_encoder_layers_0_self_attn_q_proj, TEXT_ENCODER, text_model.encoder.layers.0.self_attn.q_proj",
        "text_encoders.clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj, TEXT_ENCODER, text_model.encoder.layers.0.self_attn.q_proj",
        "unet.base_model.model.conv_out, UNET, conv_out",
        "base_model.model.base_model.model.conv_out, UNET, conv_out",
        "text_encoder_2.base_model.model.text_model.encoder.layers.0.self_attn.q_proj, TEXT_ENCODER_2, text_model.encoder.layers.0.self_attn.q_proj",
        "text_encoder.conv_out, , ",
    })
    void looksUpWhatFilesCallALayer(String stored, LoraPart part, String name) {
        Optional<LayerNames.Layer> found = NAMES.find(stored).map(LayerNamesTest::only);
        assertThat(found.map(LayerNames.Layer::part).orElse(null)).isEqualTo(part);
        assertThat(found.map(LayerNames.Layer::name).orElse(null)).isEqualTo(name);
    }

    private static LayerNames.Layer only(Place place) {
        assertThat(place.shares()).hasSize(1);
        assertThat(place.shares().get(0).rows().areAll()).isTrue();
        return place.shares().get(0).layer();
    }

    @Test
    void everyLayerHasAnUnderscoredNameOfItsOwn() {
        TestModel model = new TestModel();
        LayerNames names = new LayerNames(model.adaptable());
        model.visit((name, block) -> {
            if (!block.shapes().isEmpty() && !name.isEmpty()) {
                assertThat(only(names.find("lora_unet_" + name.replace('.', '_'))
                                        .orElseThrow())
                                .name())
                        .isEqualTo(name);
            }
        });
    }
}
