package io.latent4j.textencoder.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class T5ConfigTest {

    @Test
    void absentKeysMeanTheReferencesDefaults() {
        assertThat(config("{\"feed_forward_proj\": \"gated-gelu\"}"))
                .isEqualTo(new T5Config(32128, 512, 64, 2048, 6, 8, 32, 128, 1e-6, 512, 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | feed_forward_proj is 'relu'; only 'gated-gelu'",
                "{'feed_forward_proj': 'gated-silu'} | feed_forward_proj is 'gated-silu'; only",
                "{'dense_act_fn': 'relu'} | dense_act_fn is 'relu'; only 'gelu_new'",
                "{'model_type': 'umt5'} | model_type is 'umt5'; expected",
                "{'num_layers': 0} | num_layers is 0; expected 1 to 256",
                "{'d_kv': 1e9} | d_kv is 1e9; expected 1 to 65536",
                "{'relative_attention_num_buckets': 6} | relative_attention_num_buckets is 6; expected a multiple of 4",
                "{'relative_attention_max_distance': 8} | relative_attention_max_distance is 8; expected more than",
                "{'layer_norm_epsilon': 0} | layer_norm_epsilon is 0; expected more than 0"
            },
            quoteCharacter = '`')
    void refusesByNameAndValue(String json, String message) {
        String whole = json.equals("{}") || json.contains("feed_forward_proj")
                ? json
                : json.replace("{", "{'feed_forward_proj': 'gated-gelu', ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(whole.replace('\'', '"')))
                .withMessageStartingWith("model/config.json: ")
                .withMessageContaining(message.replace('\'', '"'));
    }

    private static T5Config config(String json) {
        return T5Config.from(
                Config.of("model/config.json", JsonParser.parseString(json).getAsJsonObject()));
    }
}
