package io.latent4j.pipeline;

import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.TokenizerFolder;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import java.io.IOException;

/**
 * A text encoder and the tokenizer that goes with it.
 *
 * @param part what adapters call the encoder
 */
public record TextReader(ClipTokenizer tokenizer, ClipTextModel encoder, LoraPart part) {

    /**
     * Reads the settings of {@code text_encoder} and its {@code tokenizer}, or those of another {@code suffix}; the encoder
     * has no weights yet.
     */
    static TextReader read(ModelFiles files, String suffix, LoraPart part) throws IOException {
        ClipTextModel encoder =
                new ClipTextModel(ClipTextConfig.from(files.json("text_encoder" + suffix + "/config.json")));
        TokenizerFolder folder = files.tokenizer("tokenizer" + suffix);
        ClipTokenizer tokenizer = folder.read();
        ClipTextConfig reads = encoder.config();
        if (tokenizer.vocabularySize() <= reads.vocabularySize() && tokenizer.maxLength() <= reads.maxPositions()) {
            return new TextReader(tokenizer, encoder, part);
        }
        tokenizer.close();
        throw new IllegalArgumentException(
                folder.folder() + ": has ids below " + tokenizer.vocabularySize() + " and texts of "
                        + tokenizer.maxLength() + "; expected at most the text encoder's vocab_size, "
                        + reads.vocabularySize() + ", and max_position_embeddings, " + reads.maxPositions());
    }
}
