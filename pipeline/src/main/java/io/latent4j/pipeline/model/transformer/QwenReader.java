package io.latent4j.pipeline.model.transformer;

import io.latent4j.core.config.Config;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.TextConditioner.Cut;
import io.latent4j.textencoder.qwen.ChatTemplate;
import io.latent4j.textencoder.qwen.Qwen3Config;
import io.latent4j.textencoder.qwen.Qwen3TextModel;
import io.latent4j.textencoder.qwen.QwenTokenizer;
import java.io.IOException;
import java.util.Optional;

/**
 * Qwen3 and its tokenizer, for prompts in a chat.
 *
 * @param config of the encoder, for messages
 */
public record QwenReader(Qwen3TextModel encoder, QwenTokenizer tokenizer, Config config) {
    private static final String FOLDER = "text_encoder";

    /**
     * Reads the settings and the tokenizer, which the caller closes; no weights.
     *
     * @param tokens of a text, the chat's among them
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported
     */
    public static QwenReader read(ModelFiles files, int tokens, ChatTemplate chat) throws IOException {
        Config config = files.json(FOLDER + "/config.json");
        Qwen3TextModel encoder = new Qwen3TextModel(Qwen3Config.from(config));
        QwenTokenizer tokenizer =
                QwenTokenizer.read(files.tokenizer(TransformerFamily.TOKENIZER).folder(), tokens, chat);
        return new QwenReader(encoder, tokenizer, config);
    }

    /** The encoder as a model's part. */
    public TransformerParts.Encoder encoderPart() {
        return new TransformerParts.Encoder(FOLDER, LoraPart.TEXT_ENCODER, encoder, encoder::keyOf);
    }

    /** What of a text is not read where it and the chat are cut at so many tokens, if not all of it is. */
    public Optional<Cut> cut(String text, int tokens) {
        QwenTokenizer reading = tokenizer.withMaxLength(tokens);
        return reading.encode(text).cut().map(rest -> new Cut(reading.room(), rest));
    }
}
