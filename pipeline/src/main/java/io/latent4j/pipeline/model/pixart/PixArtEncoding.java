package io.latent4j.pipeline.model.pixart;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextConditioner.Cut;
import io.latent4j.pipeline.model.transformer.TextEncoding;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TokenBatch;
import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.textencoder.t5.T5Tokenizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads a text in lower case, as the model was trained: the states of T5, and a mask of what is no padding, which neither T5
 * nor the transformer attends to.
 */
record PixArtEncoding(T5EncoderModel encoder, T5Tokenizer tokenizer) implements TextEncoding {
    /** The name of the mask, (N, tokens): 1 for a token and 0 for padding. */
    static final String MASK = "mask";

    static final int TOKENS = 300;
    private static final int MOST_TOKENS = 512;

    @Override
    public int tokens() {
        return TOKENS;
    }

    @Override
    public int mostTokens() {
        return MOST_TOKENS;
    }

    @Override
    public Conditioning encode(Function<LoraPart, Pass> passes, NDManager manager, List<String> texts, int tokens) {
        List<String> read = texts.stream().map(PixArtEncoding::lowered).toList();
        TokenBatch batch = LearnedWords.none().encode(tokenizer.withMaxLength(tokens), manager, read);
        return Conditioning.of(encoder.last(passes.apply(LoraPart.TEXT_ENCODER), batch))
                .with(MASK, batch.mask());
    }

    private static String lowered(String text) {
        return text.toLowerCase(Locale.ROOT).strip();
    }

    @Override
    public List<String> arrays() {
        return List.of(MASK);
    }

    @Override
    public Optional<Cut> cut(String text, int tokens) {
        T5Tokenizer reading = tokenizer.withMaxLength(tokens);
        return reading.encode(text.strip()).cut().map(rest -> new Cut(reading.room(), rest));
    }
}
