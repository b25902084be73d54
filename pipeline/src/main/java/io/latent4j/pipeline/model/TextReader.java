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
 * @param role which of its family's encoders it is
 * @param words that texts may have besides those of the vocabulary
 */
public record TextReader(ClipTokenizer tokenizer, ClipTextModel encoder, TextPart role, LearnedWords words) {

    /** What a model without learned words reads with. */
    TextReader(ClipTokenizer tokenizer, ClipTextModel encoder, TextPart role) {
        this(tokenizer, encoder, role, LearnedWords.none());
    }

    /** What adapters call the encoder. */
    public LoraPart part() {
        return role.part();
    }

    /** This with other learned words. */
    TextReader with(LearnedWords words) {
        return new TextReader(tokenizer, encoder, role, words);
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

    /** Reads the settings of an encoder and its tokenizer; the encoder has no weights yet. */
    static TextReader read(ModelFiles files, TextPart role) throws IOException {
        ClipTextModel encoder = new ClipTextModel(ClipTextConfig.from(files.json(role.encoder() + "/config.json")));
        TokenizerFolder folder = files.tokenizer(role.tokenizer());
        ClipTokenizer tokenizer = folder.read();
        ClipTextConfig reads = encoder.config();
        if (tokenizer.vocabularySize() <= reads.vocabularySize() && tokenizer.maxLength() <= reads.maxPositions()) {
            return new TextReader(tokenizer, encoder, role);
        }
        tokenizer.close();
        throw new IllegalArgumentException(
                folder.folder() + ": has ids below " + tokenizer.vocabularySize() + " and texts of "
                        + tokenizer.maxLength() + "; expected at most the text encoder's vocab_size, "
                        + reads.vocabularySize() + ", and max_position_embeddings, " + reads.maxPositions());
    }
}
