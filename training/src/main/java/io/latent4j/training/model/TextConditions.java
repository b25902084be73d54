package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What a UNet is told of texts. */
public interface TextConditions {
    /** Makes ready for texts that are asked for next; called outside of scopes and of gradients. */
    default void prepare(List<String> texts) throws IOException {}

    /** What is told of texts; recorded where the encoder is trained. */
    Told of(Pass pass, NDManager manager, List<String> texts);

    /**
     * What a UNet is told.
     *
     * @param context hidden states, (N, tokens, channels)
     * @param summary of each text, (N, channels), which SDXL's UNet takes besides
     */
    record Told(NDArray context, Optional<NDArray> summary) {

        /** The same in the precision of a pass. */
        public Told entering(Pass pass) {
            return new Told(pass.enter(context), summary.map(pass::enter));
        }
    }

    /** By an encoder that is run each time, because it learns. */
    static TextConditions of(ClipTextModel encoder, ClipTokenizer tokenizer) {
        return (pass, manager, texts) ->
                new Told(encoder.forward(pass, tokenizer.encode(manager, texts), 0), Optional.empty());
    }

    /** The same by encoders that are run each time, too, but do not learn. */
    static TextConditions frozen(TextConditions reading) {
        return (pass, manager, texts) -> reading.of(Pass.inference(), manager, texts);
    }
}
