package io.latent4j.pipeline.model.flux2;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextConditioner.Cut;
import io.latent4j.pipeline.model.transformer.QwenReader;
import io.latent4j.pipeline.model.transformer.TextEncoding;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TokenBatch;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads a text with Qwen3, in a chat: the states after three of its layers side by side, padding too. */
record Flux2KleinEncoding(QwenReader qwen) implements TextEncoding {
    /** After how many layers the states are taken. */
    static final List<Integer> LAYERS = List.of(9, 18, 27);

    static final int TOKENS = 512;

    @Override
    public int tokens() {
        return TOKENS;
    }

    @Override
    public int mostTokens() {
        return TOKENS;
    }

    @Override
    public Conditioning encode(Function<LoraPart, Pass> passes, NDManager manager, List<String> texts, int tokens) {
        TokenBatch batch = LearnedWords.none().encode(qwen.tokenizer().withMaxLength(tokens), manager, texts);
        return Conditioning.of(qwen.encoder().states(passes.apply(LoraPart.TEXT_ENCODER), batch, LAYERS));
    }

    @Override
    public List<String> arrays() {
        return List.of();
    }

    @Override
    public Optional<Cut> cut(String text, int tokens) {
        return qwen.cut(text, tokens);
    }
}
