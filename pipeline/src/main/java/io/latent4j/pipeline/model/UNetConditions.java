package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.textencoder.PromptEncoder.Readout;
import io.latent4j.unet.AddedConditions;
import java.util.List;
import java.util.Optional;

/** How a family of models of a UNet makes the conditioning of what the text encoders return. */
public interface UNetConditions {
    /** The hidden states after the last layer, and nothing else. */
    UNetConditions STATES = new UNetConditions() {};

    /** Which of the encoders' states are the context. */
    default Readout readout() {
        return Readout.LAST;
    }

    /** Whether the model takes a micro-conditioning. */
    default boolean takesMicro() {
        return false;
    }

    /**
     * Completes the context of one step of a run.
     *
     * @param context of all texts, (sides · images, tokens, channels)
     * @param pooled the last encoder's embeddings of the texts, where it has a projection
     * @param request what else the run is about
     * @param manager of the result, unless a scope is open
     */
    default Conditioning of(NDArray context, Optional<NDArray> pooled, Step request, NDManager manager) {
        return Conditioning.of(context);
    }

    /** Completes the context of texts for training, but for {@link #sized sizes}. */
    default Conditioning encoded(NDArray context, Optional<NDArray> pooled, List<String> texts) {
        return Conditioning.of(context);
    }

    /** The names of the arrays besides the context that {@link #encoded} returns. */
    default List<String> arrays() {
        return List.of();
    }

    /** Adds the sizes of images that were neither scaled nor cut. */
    default Conditioning sized(Conditioning encoded, int width, int height) {
        return encoded;
    }

    /** The UNet's added conditions. */
    default Optional<AddedConditions> added(Conditioning conditioning) {
        return Optional.empty();
    }

    /** Whether empty texts are zeros, and not what the encoders return for them. */
    default boolean zerosForEmptyPrompt() {
        return false;
    }

    /**
     * What a step's conditioning is for.
     *
     * @param sides one text for each image, the negative prompts first where there are any
     * @param micro what the request says of sizes, if it does
     */
    record Step(List<List<String>> sides, int width, int height, Optional<MicroConditioning> micro) {}
}
