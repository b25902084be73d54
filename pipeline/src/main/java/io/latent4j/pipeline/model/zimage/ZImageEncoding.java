package io.latent4j.pipeline.model.zimage;

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

/**
 * Reads a caption with Qwen3, in a chat: the states after its last layer but one, and a mask of what is no padding, which the
 * transformer is not given.
 */
record ZImageEncoding(QwenReader qwen) implements TextEncoding {
    /** The name of the mask, (N, tokens): 1 for a token and 0 for padding. */
    static final String MASK = "mask";

    static final int TOKENS = 512;
    private static final int MOST_TOKENS = 1024;

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
        TokenBatch batch = LearnedWords.none().encode(qwen.tokenizer().withMaxLength(tokens), manager, texts);
        int layer = qwen.encoder().config().layers() - 1;
        return Conditioning.of(qwen.encoder().states(passes.apply(LoraPart.TEXT_ENCODER), batch, List.of(layer)))
                .with(MASK, batch.mask());
    }

    @Override
    public List<String> arrays() {
        return List.of(MASK);
    }

    @Override
    public Optional<Cut> cut(String text, int tokens) {
        return qwen.cut(text, tokens);
    }
}
