package io.latent4j.pipeline;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.lora.LoraPart;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A text encoder and the tokenizer that goes with it.
 *
 * @param part what adapters call the encoder
 */
public record TextReader(ClipTokenizer tokenizer, ClipTextModel encoder, LoraPart part) {

    /**
     * Loads {@code text_encoder} and {@code tokenizer}, or those of another {@code suffix}.
     *
     * @param manager owns the weights
     */
    static TextReader load(Path folder, String suffix, LoraPart part, NDManager manager, DataType dataType)
            throws IOException {
        ClipTextModel encoder = ClipTextModel.load(folder.resolve("text_encoder" + suffix), manager, dataType);
        Path files = folder.resolve("tokenizer" + suffix);
        ClipTokenizer tokenizer = ClipTokenizer.read(files);
        ClipTextConfig reads = encoder.config();
        if (tokenizer.vocabularySize() <= reads.vocabularySize() && tokenizer.maxLength() <= reads.maxPositions()) {
            return new TextReader(tokenizer, encoder, part);
        }
        tokenizer.close();
        throw new IllegalArgumentException(files + ": has ids below " + tokenizer.vocabularySize() + " and texts of "
                + tokenizer.maxLength() + "; expected at most the text encoder's vocab_size, "
                + reads.vocabularySize() + ", and max_position_embeddings, " + reads.maxPositions());
    }
}
