package io.latent4j.pipeline.model.transformer;

import io.latent4j.core.config.Config;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.TokenizerFolder;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.TextTokenizer;
import java.io.IOException;

/**
 * A CLIP and its tokenizer.
 *
 * @param folder of the encoder
 * @param part what adapters call it
 */
public record ClipReader(ClipTextModel encoder, TextTokenizer tokenizer, String folder, LoraPart part) {

    /**
     * Reads the settings and the tokenizer, which the caller closes; no weights.
     *
     * @param suffix of both folders, such as {@code _2}; empty for none
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported
     */
    public static ClipReader read(ModelFiles files, String suffix, LoraPart part) throws IOException {
        String name = "text_encoder" + suffix;
        Config config = files.json(name + "/config.json");
        ClipTextModel encoder = new ClipTextModel(ClipTextConfig.from(config));
        TokenizerFolder folder = files.tokenizer(TransformerFamily.TOKENIZER + suffix);
        return new ClipReader(encoder, encoder.tokenizer(folder.folder(), folder.padding()), name, part);
    }

    /** The encoder as a model's part. */
    public TransformerParts.Encoder encoderPart() {
        return new TransformerParts.Encoder(folder, part, encoder, encoder::keyOf);
    }
}
