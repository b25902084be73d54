package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Token ids to the states that a denoiser attends to. A kind of encoder has its own kind of tokenizer. How much of a text it
 * reads at a time, {@link TextEncoderConfig#maxPositions} says; of a longer text some read chunk after chunk, others the
 * beginning alone.
 */
public interface TextEncoder {

    /** The shape of this model, a record. */
    TextEncoderConfig config();

    /** What holds the weights. */
    NamedBlock block();

    /** This tree's key for one of a checkpoint of any age; empty for one to leave out. */
    Optional<String> keyOf(String stored);

    /**
     * Reads the tokenizer that goes with it.
     *
     * @param padding the token that fills texts up, where it is not the one that the folder says
     * @return a tokenizer that the caller closes
     * @throws IOException naming the file that is missing, malformed or inconsistent, and what is wrong with it
     */
    TextTokenizer tokenizer(Path folder, Optional<String> padding) throws IOException;

    /**
     * Whether a text that is too long is read in several chunks, whose states follow each other; else it is one sequence, and
     * what is too much is left out.
     */
    boolean readsInChunks();

    /** The embeddings of the vocabulary's tokens, (vocabulary, width), in float32; the caller closes the array. */
    NDArray embeddings();

    /**
     * Runs the whole model.
     *
     * @return arrays of the scope in which this is called, or else of the manager of the ids
     * @throws IllegalArgumentException if the ids have another type or shape than it reads
     */
    TextStates forward(Pass pass, TokenBatch tokens);

    /** {@link #forward(Pass, TokenBatch)} of ids (B, N), int64, without padding that is to be masked. */
    default TextStates forward(Pass pass, NDArray ids) {
        return forward(pass, TokenBatch.of(ids));
    }

    /** The final norm of what a layer made: of {@link TextStates#hidden}. */
    NDArray normalized(Pass pass, NDArray hidden);
}
