package io.latent4j.training.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.TextTokenizer;
import java.io.IOException;
import java.util.List;

/** Makes the conditioning of texts in training. */
public interface CaptionConditioner {
    /** Prepares for texts that {@link #of} is called with next; called outside of scopes and of gradients. */
    default void prepare(List<String> texts) throws IOException {}

    /** The conditioning of texts, without sizes; recorded where the encoder is trained. */
    Conditioning of(Pass pass, NDManager manager, List<String> texts);

    /** By an encoder that is run each time, because it is trained. */
    static CaptionConditioner of(TextEncoder encoder, TextTokenizer tokenizer) {
        return (pass, manager, texts) ->
                Conditioning.of(encoder.forward(pass, LearnedWords.none().encode(tokenizer, manager, texts))
                        .last());
    }

    /** By encoders that are run each time, too, but are not trained. */
    static CaptionConditioner frozen(CaptionConditioner conditioner) {
        return (pass, manager, texts) -> conditioner.of(Pass.inference(), manager, texts);
    }
}
