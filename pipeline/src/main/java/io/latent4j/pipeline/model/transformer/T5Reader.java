package io.latent4j.pipeline.model.transformer;

import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.textencoder.t5.T5Config;
import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.textencoder.t5.T5Tokenizer;
import java.io.IOException;

/**
 * T5 and its tokenizer.
 *
 * @param folder of the encoder
 * @param part what adapters call it
 */
public record T5Reader(T5EncoderModel encoder, T5Tokenizer tokenizer, String folder, LoraPart part) {

    /**
     * Reads the settings and the tokenizer, which the caller closes; no weights.
     *
     * @param suffix of both folders, such as {@code _2}
     * @param tokens of a text
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported
     */
    public static T5Reader read(ModelFiles files, String suffix, LoraPart part, int tokens) throws IOException {
        String folder = "text_encoder" + suffix;
        T5EncoderModel encoder = new T5EncoderModel(T5Config.from(files.json(folder + "/config.json")));
        T5Tokenizer tokenizer = T5Tokenizer.read(
                files.tokenizer(TransformerFamily.TOKENIZER + suffix).folder(), tokens);
        return new T5Reader(encoder, tokenizer, folder, part);
    }

    /** The encoder as a model's part. */
    public TransformerParts.Encoder encoderPart() {
        return new TransformerParts.Encoder(folder, part, encoder, encoder::keyOf);
    }
}
