package io.latent4j.pipeline.model.transformer;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextConditioner.Cut;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How a family of transformers reads texts, in plain words: without weights of parts, and in one piece. */
public interface TextEncoding {

    /** How many tokens a text has as a rule. */
    int tokens();

    /** How many tokens a text may have. */
    int mostTokens();

    /**
     * Encodes texts.
     *
     * @param tokens how many tokens each text is cut or filled up to
     * @param passes through each text encoder
     * @param manager of what is made of numbers, unless a scope is open
     * @return with a row for each text, whose arrays all have the same shape but for that
     */
    Conditioning encode(Function<LoraPart, Pass> passes, NDManager manager, List<String> texts, int tokens);

    /** The names of the arrays besides the context that {@link #encode} returns. */
    List<String> arrays();

    /** What of a text is not read where it is cut at so many tokens, if not all of it is. */
    Optional<Cut> cut(String text, int tokens);
}
