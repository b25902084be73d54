package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.TokenizerFolder;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.PromptChunk;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.textencoder.TextStates;
import io.latent4j.textencoder.WeightedText;
import java.io.IOException;
import java.util.List;

/**
 * A text encoder and the tokenizer that goes with it.
 *
 * @param part what adapters call the encoder
 * @param words that texts may have besides those of the vocabulary
 */
public record TextReader(ClipTokenizer tokenizer, ClipTextModel encoder, LoraPart part, LearnedWords words) {

    /** What a model without learned words reads with. */
    TextReader(ClipTokenizer tokenizer, ClipTextModel encoder, LoraPart part) {
        this(tokenizer, encoder, part, LearnedWords.none());
    }

    /** This with other learned words. */
    TextReader with(LearnedWords words) {
        return new TextReader(tokenizer, encoder, part, words);
    }

    /** The ids of texts, (texts, length), int64, which {@code manager} owns. */
    public NDArray encode(NDManager manager, List<String> texts) {
        return words.encode(tokenizer, manager, texts);
    }

    /** What the encoder makes of {@link #encode ids}. Gradients reach the words' vectors. */
    public TextStates states(Pass pass, NDArray ids) {
        return words.states(encoder, pass, ids);
    }

    /** A text as the encoder reads it. */
    List<PromptChunk> chunks(String text, PromptSyntax syntax) {
        return syntax == PromptSyntax.PLAIN
                ? List.of(PromptChunk.of(text, tokenizer, words))
                : PromptChunk.of(WeightedText.parse(text), tokenizer, words);
    }

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
