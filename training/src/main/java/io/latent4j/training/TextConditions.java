package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import java.io.IOException;
import java.util.List;

/** What a UNet is told of texts. */
interface TextConditions {
    /** Makes ready for texts that are asked for next; called outside of scopes and of gradients. */
    default void prepare(List<String> texts) throws IOException {}

    /** The hidden states of texts, (N, tokens, channels); recorded where the encoder is trained. */
    NDArray of(Pass pass, NDManager manager, List<String> texts);

    /** By an encoder that is run each time, because it learns. */
    static TextConditions of(ClipTextModel encoder, ClipTokenizer tokenizer) {
        return (pass, manager, texts) -> encoder.forward(pass, tokenizer.encode(manager, texts), 0);
    }
}
