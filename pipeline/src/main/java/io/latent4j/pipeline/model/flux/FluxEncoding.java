package io.latent4j.pipeline.model.flux;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextConditioner.Cut;
import io.latent4j.pipeline.model.transformer.ClipReader;
import io.latent4j.pipeline.model.transformer.T5Reader;
import io.latent4j.pipeline.model.transformer.TextEncoding;
import io.latent4j.textencoder.TokenBatch;
import io.latent4j.textencoder.t5.T5Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads a text with T5, whose states are the context, padding too, and with CLIP, whose state at the end of the text is the
 * pooled text, without its projection.
 *
 * @param tokens of T5, as a rule
 */
record FluxEncoding(ClipReader clip, T5Reader t5, int tokens) implements TextEncoding {
    static final int MOST_TOKENS = 512;

    @Override
    public int mostTokens() {
        return MOST_TOKENS;
    }

    @Override
    public Conditioning encode(Function<LoraPart, Pass> passes, NDManager manager, List<String> texts, int tokens) {
        TokenBatch ids = TokenBatch.of(clip.tokenizer().encode(manager, texts));
        NDArray pooled = clip.encoder().forward(passes.apply(clip.part()), ids).pooled();
        TokenBatch batch = TokenBatch.of(t5.tokenizer().withMaxLength(tokens).encode(manager, texts));
        NDArray states = t5.encoder().last(passes.apply(t5.part()), batch);
        return Conditioning.of(states).with(Conditioning.POOLED, pooled);
    }

    @Override
    public List<String> arrays() {
        return List.of(Conditioning.POOLED);
    }

    /** CLIP reads less of a text; what T5 reads of it counts. */
    @Override
    public Optional<Cut> cut(String text, int tokens) {
        T5Tokenizer reading = t5.tokenizer().withMaxLength(tokens);
        return reading.encode(text).cut().map(rest -> new Cut(reading.room(), rest));
    }
}
