package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a text encoder made of a batch of texts. The arrays belong to the scope or manager the forward pass ran in; without
 * a scope, {@link #close} frees them.
 *
 * @param hidden the embeddings and then the output of each layer, all (B, N, width) and none normalized
 * @param last the output of the last layer after the final norm, (B, N, width): what Stable Diffusion 1 and 2 attend to
 * @param pooled {@code last} at the end token of each text, (B, width)
 * @param projected {@code pooled} after the text projection, (B, projection): the embedding of the text; empty for a model
 *     without projection
 */
public record TextStates(List<NDArray> hidden, NDArray last, NDArray pooled, Optional<NDArray> projected)
        implements AutoCloseable {

    public TextStates {
        hidden = List.copyOf(hidden);
    }

    /** What goes into the last layer, not normalized, (B, N, width): what SDXL attends to. */
    public NDArray penultimate() {
        return hidden.get(hidden.size() - 2);
    }

    /** Closes every array of this record. */
    @Override
    public void close() {
        List<NDArray> all = new ArrayList<>(hidden);
        all.add(last);
        all.add(pooled);
        projected.ifPresent(all::add);
        all.forEach(NDArray::close);
    }
}
