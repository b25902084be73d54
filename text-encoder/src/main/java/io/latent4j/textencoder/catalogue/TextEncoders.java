package io.latent4j.textencoder.catalogue;

import io.latent4j.core.config.Config;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.qwen.Qwen3Config;
import io.latent4j.textencoder.qwen.Qwen3TextModel;
import io.latent4j.textencoder.t5.T5Config;
import io.latent4j.textencoder.t5.T5EncoderModel;

/** Makes text encoders of the kind that their config says. */
public final class TextEncoders {
    private TextEncoders() {}

    /**
     * An encoder without weights, of the kind that {@code model_type} says: {@code clip_text_model}, which is meant where
     * there is none, {@code t5} or {@code qwen3}.
     *
     * @throws IllegalArgumentException if the kind or a setting is not supported, naming it
     */
    public static TextEncoder of(Config config) {
        String kind = config.text("model_type", "clip_text_model");
        return switch (kind) {
            case "clip_text_model" -> new ClipTextModel(ClipTextConfig.from(config));
            case "t5" -> new T5EncoderModel(T5Config.from(config));
            case "qwen3" -> new Qwen3TextModel(Qwen3Config.from(config));
            default ->
                throw config.bad(
                        "model_type", "is \"" + kind + "\"; expected \"clip_text_model\", \"t5\" or \"qwen3\"");
        };
    }
}
