package io.latent4j.textencoder.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qwen3ConfigTest {

    @Test
    void anEmptyFileMeansTheReferencesDefaults() {
        assertThat(config("{}")).isEqualTo(new Qwen3Config(151936, 4096, 22016, 32, 32, 32, 128, 1e-6, 10_000, 32768));
    }

    @Test
    void theNewestFilesKeepThetaElsewhere() {
        String json = "{'rope_theta': 5, 'rope_parameters': {'rope_theta': 1000000, 'rope_type': 'default'}}";
        assertThat(config(json).ropeTheta()).isEqualTo(1e6);
        assertThat(config("{'rope_theta': 1e6, 'rope_scaling': null}").ropeTheta())
                .isEqualTo(1e6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model_type': 'qwen2'} | model_type is 'qwen2'; expected",
                "{'hidden_act': 'gelu'} | hidden_act is 'gelu'",
                "{'attention_bias': true} | attention_bias is true",
                "{'use_sliding_window': true} | use_sliding_window is true",
                "{'num_hidden_layers': 0} | num_hidden_layers is 0; expected 1 to 256",
                "{'num_key_value_heads': 5} | num_attention_heads is 32, which num_key_value_heads 5 does not divide",
                "{'head_dim': 7} | head_dim is 7; expected an even number",
                "{'rope_theta': 0} | rope_theta is 0; expected 1 to 1000000000000",
                "{'rope_scaling': {'rope_type': 'yarn'}} | rope_scaling is {'rope_type':'yarn'}; only null",
                "{'rope_parameters': {'rope_theta': 'x'}} | rope_parameters has the rope_theta 'x'; expected"
            },
            quoteCharacter = '`')
    void refusesByNameAndValue(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(json))
                .withMessageStartingWith("model/config.json: ")
                .withMessageContaining(message.replace('\'', '"'));
    }

    private static Qwen3Config config(String json) {
        return Qwen3Config.from(Config.of(
                "model/config.json",
                JsonParser.parseString(json.replace('\'', '"')).getAsJsonObject()));
    }
}
