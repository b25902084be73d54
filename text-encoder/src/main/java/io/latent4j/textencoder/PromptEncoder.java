package io.latent4j.textencoder;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Longs;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import java.util.List;
import java.util.Optional;

/**
 * A text encoder as diffusion models use it: chunks of prompts to the states that a denoiser attends to.
 *
 * @param readout which states those are
 * @param clipSkip 1 is the readout's own layer, 2 the one before it, and so on
 */
public record PromptEncoder(TextEncoder model, Readout readout, int clipSkip) {

    /** Where a text model is read out. */
    public enum Readout {
        /** After the last layer and the final norm: Stable Diffusion 1 and 2. Weighted states keep their mean. */
        LAST,
        /** After the last layer but one, not normalized: SDXL. Weighted states have the mean that they get. */
        PENULTIMATE;

        /** How many layers it leaves out by itself. */
        private int own() {
            return this == LAST ? 0 : 1;
        }
    }

    /** @throws IllegalArgumentException if the model has not as many layers as are skipped */
    public PromptEncoder {
        int most = model.config().layers() - readout.own();
        if (clipSkip < 1 || clipSkip > most) {
            throw new IllegalArgumentException(
                    "clip skip is " + clipSkip + "; expected 1 to " + most + " with this text encoder");
        }
    }

    /**
     * What the model makes of a chunk.
     *
     * @param states (1, N, width)
     * @param projected the embedding of the text, (1, projection), whatever the weights and clip skip are; empty for a model
     *     without projection
     */
    public record Encoded(NDArray states, Optional<NDArray> projected) {}

    /**
     * Reads a chunk.
     *
     * <p>Each token's states are multiplied by its weight. With {@link Readout#LAST} all are then multiplied by one number,
     * so that their mean over tokens and channels is what it was without weights. Where all weights are 1 nothing is
     * multiplied.
     *
     * @param words those that the chunk was made with
     * @param manager of the result, unless a scope is open
     */
    public Encoded encode(Pass pass, PromptChunk chunk, LearnedWords words, NDManager manager) {
        NDArray ids = manager.create(
                Longs.toArray(chunk.ids()), new Shape(1, chunk.ids().size()));
        TokenBatch tokens = new TokenBatch(ids, List.of(chunk.length()), words);
        try (TextStates states = model.forward(pass, tokens)) {
            NDArray read = scoped(() -> weighted(readout(pass, states).duplicate(), chunk));
            return new Encoded(read, states.projected().map(NDArray::duplicate));
        }
    }

    /** The states that a denoiser attends to, (B, N, width), of what the model made of texts; one of its arrays or a new one. */
    public NDArray readout(Pass pass, TextStates states) {
        if (readout == Readout.LAST && clipSkip == 1) {
            return states.last();
        }
        int layer = model.config().layers() - readout.own() - (clipSkip - 1);
        NDArray hidden = states.hidden().get(layer); // the first of which is before all layers
        return readout == Readout.LAST ? model.normalized(pass, hidden) : hidden;
    }

    private NDArray weighted(NDArray states, PromptChunk chunk) {
        if (chunk.isEven()) {
            return states;
        }
        NDArray weights = states.getManager()
                .create(
                        Floats.toArray(chunk.weights()),
                        new Shape(1, chunk.weights().size(), 1));
        NDArray before = Ops.cast(states, DataType.FLOAT32);
        NDArray after = before.mul(weights);
        if (readout == Readout.LAST) {
            float mean = after.mean().getFloat();
            after = mean == 0 ? after : after.mul(before.mean().getFloat() / mean);
        }
        return Ops.castLike(after, states);
    }
}
