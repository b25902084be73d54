package io.latent4j.textencoder.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.TestModels;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.qwen.Qwen3TextModel;
import io.latent4j.textencoder.t5.T5EncoderModel;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextEncodersTest {

    @ParameterizedTest
    @CsvSource({"sd15-tiny, 77", "t5-tiny, 512", "z-image-tiny, 512"})
    void everyKindHasItsTokenizer(String model, int length) throws IOException {
        TextEncoder encoder = TextEncoders.of(Config.read(TestModels.resource(model + "/text_encoder/config.json")));
        try (var tokenizer = encoder.tokenizer(TestModels.resource(model + "/tokenizer"), Optional.empty())) {
            assertThat(tokenizer.maxLength())
                    .isEqualTo(length)
                    .isLessThanOrEqualTo(encoder.config().maxPositions());
            assertThat(tokenizer.vocabularySize())
                    .isLessThanOrEqualTo(encoder.config().vocabularySize());
            assertThat(encoder.readsInChunks()).isEqualTo(length == 77);
        }
    }

    @Test
    void theKindIsWhatTheConfigSays() {
        assertThat(TextEncoders.of(config("{\"num_hidden_layers\": 1}"))).isInstanceOf(ClipTextModel.class);
        assertThat(TextEncoders.of(config("{\"model_type\": \"t5\", \"feed_forward_proj\": \"gated-gelu\"}")))
                .isInstanceOf(T5EncoderModel.class);
        assertThat(TextEncoders.of(config("{\"model_type\": \"qwen3\"}"))).isInstanceOf(Qwen3TextModel.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextEncoders.of(config("{\"model_type\": \"bert\"}")))
                .withMessage("config.json: model_type is \"bert\"; expected \"clip_text_model\", \"t5\" or \"qwen3\"");
    }

    private static Config config(String json) {
        return Config.of("config.json", JsonParser.parseString(json).getAsJsonObject());
    }
}
