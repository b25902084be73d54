package io.latent4j.pipeline.model.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.LatentDenoiser;
import io.latent4j.pipeline.request.StepCaching;
import java.util.List;

/** A transformer as denoiser, which takes no mask of what is to be painted, and no guidance scale unless it says so. */
public interface TransformerDenoiser extends LatentDenoiser {
    /** Rows of {@link #width} that a block holds at least: its input and output, and the inner layer of four times the width. */
    int LEAST_ROWS = 6;

    /** The type it computes in; with float32 inputs stay as they are, so that a pass can lower the precision. */
    DataType dataType();

    /** How many latents of a side make one token. */
    int patchSize();

    /** Channels of a token. */
    long width();

    @Override
    default boolean inpaints() {
        return false;
    }

    @Override
    default boolean takesGuidance() {
        return false;
    }

    @Override
    default List<Attention> selfAttention(String place) {
        throw new IllegalArgumentException("perturbed attention is asked for at " + place
                + ", which is for models of a UNet; expected none for a transformer");
    }

    /** Whether its text is attended to by itself, and not among the image's tokens. */
    default boolean crossAttends() {
        return false;
    }

    /** Whether all rows of a batch pass its blocks together, so that the first block may stand for the rest. */
    default boolean batchesBlocks() {
        return true;
    }

    @Override
    default void check(StepCaching caching) {
        String instead = batchesBlocks() ? "; expected firstblock:0.1" : "; expected no cache";
        if (caching.deepCache().isPresent()) {
            throw new IllegalArgumentException(
                    "the cache deepcache is for UNets, and the model has a transformer" + instead);
        }
        if (caching.tGate().isPresent() && !crossAttends()) {
            throw new IllegalArgumentException("the cache tgate reuses cross-attention, and the model's transformer has"
                    + " none: text and image attend to each other jointly" + instead);
        }
        if (caching.firstBlock().isPresent() && !batchesBlocks()) {
            throw new IllegalArgumentException(
                    "the cache firstblock is for transformers whose texts are of one length, and"
                            + " the model's takes each at its own" + instead);
        }
    }

    @Override
    default long leastBytes(Shape latents) {
        long tokens = latents.get(0) * latents.get(2) * latents.get(3) / ((long) patchSize() * patchSize());
        return tokens * width() * LEAST_ROWS * dataType().getNumOfBytes();
    }

    /** An input in the type that is computed in. */
    default NDArray entering(NDArray x) {
        return dataType() == DataType.FLOAT32 ? x : Ops.cast(x, dataType());
    }
}
