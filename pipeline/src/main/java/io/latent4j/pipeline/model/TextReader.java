package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.TokenizerFolder;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.PromptChunk;
import io.latent4j.textencoder.PromptSequence;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.TextEncoderConfig;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.textencoder.TokenBatch;
import io.latent4j.textencoder.WeightedText;
import io.latent4j.textencoder.catalogue.TextEncoders;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A text encoder and the tokenizer that goes with it.
 *
 * @param role which of its family's encoders it is
 * @param words that texts may have besides those of the vocabulary
 */
public record TextReader(TextTokenizer tokenizer, TextEncoder encoder, TextPart role, LearnedWords words) {

    /** What a model without learned words reads with. */
    TextReader(TextTokenizer tokenizer, TextEncoder encoder, TextPart role) {
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

    /** Texts as the encoder reads them; {@code manager} owns the ids. */
    TokenBatch encode(NDManager manager, List<String> texts) {
        return words.encode(tokenizer, manager, texts);
    }

    /** A text as the encoder reads it. */
    List<PromptChunk> chunks(String text, PromptSyntax syntax) {
        if (syntax == PromptSyntax.PLAIN) {
            return List.of(PromptChunk.of(text, tokenizer, words));
        }
        WeightedText weighted = WeightedText.parse(text);
        return encoder.readsInChunks()
                ? PromptChunk.of(weighted, tokenizer, words)
                : List.of(PromptSequence.of(weighted, tokenizer, words).chunk());
    }

    /** The end of a text that the encoder does not read. */
    Optional<String> cut(String text, PromptSyntax syntax) {
        if (syntax == PromptSyntax.PLAIN) {
            return tokenizer.encode(text, words).cut();
        }
        return encoder.readsInChunks()
                ? Optional.empty()
                : PromptSequence.of(WeightedText.parse(text), tokenizer, words).cut();
    }

    /** Reads the settings of an encoder and its tokenizer; the encoder has no weights yet. */
    static TextReader read(ModelFiles files, TextPart role) throws IOException {
        TextEncoder encoder = TextEncoders.of(files.json(role.encoder() + "/config.json"));
        TokenizerFolder folder = files.tokenizer(role.tokenizer());
        TextTokenizer tokenizer = encoder.tokenizer(folder.folder(), folder.padding());
        TextEncoderConfig reads = encoder.config();
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
