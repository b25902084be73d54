package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipTextConfigTest {

    @Test
    void anEmptyFileMeansTheReferencesDefaults() {
        assertThat(config("{}"))
                .isEqualTo(new ClipTextConfig(
                        49408, 512, 2048, 12, 8, 77, ClipTextConfig.Activation.QUICK_GELU, 1e-5, 49407, 0));
    }

    @Test
    void projectionComesWithTheArchitecture() {
        assertThat(config("{\"projection_dim\": 64, \"architectures\": [\"CLIPTextModel\"]}")
                        .projection())
                .isZero();
        assertThat(config("{\"projection_dim\": 64, \"architectures\": [\"CLIPTextModelWithProjection\"]}")
                        .projection())
                .isEqualTo(64);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'hidden_act': 'gelu_new'} | hidden_act is 'gelu_new'; only 'quick_gelu' and 'gelu'",
                "{'architectures': ['CLIPModel']} | architectures is [CLIPModel]; only",
                "{'model_type': 't5'} | model_type is 't5'; expected",
                "{'num_hidden_layers': 0} | num_hidden_layers is 0; expected 1 to 256",
                "{'hidden_size': '512'} | hidden_size is '512'; expected a number",
                "{'hidden_size': 1.5} | hidden_size is 1.5; expected a whole number",
                "{'num_attention_heads': 7} | num_attention_heads 7 does not divide",
                "{'layer_norm_eps': 0} | layer_norm_eps is 0; expected more than 0"
            },
            quoteCharacter = '`')
    void refusesByNameAndValue(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(json.replace('\'', '"')))
                .withMessageStartingWith("model/config.json: ")
                .withMessageContaining(message.replace('\'', '"'));
    }

    private static ClipTextConfig config(String json) {
        return ClipTextConfig.from(
                Config.of("model/config.json", JsonParser.parseString(json).getAsJsonObject()));
    }
}
