package io.latent4j.pipeline.files;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the models of a family lie in a single file, in the layout in which they were published. Parts are called as their
 * folders in the layout of diffusers.
 */
public interface SingleFileLayout {

    /** What to call such a model. */
    String title();

    /** Whether a file with these tensors is such a model, with or without the parts that files leave out. */
    boolean recognises(FileTensors tensors);

    /** The parts that hold weights. */
    List<String> parts();

    /** The tokenizers, which no single file holds. */
    List<String> tokenizers();

    /** Where the tokenizers are taken from if nobody names them; empty for models without, or whose readers must. */
    default Optional<HubTokenizer> onHub() {
        return Optional.empty();
    }

    /** What the keys of a part begin with in the file. */
    String prefix(String part);

    /**
     * What a folder has in {@code file}, such as {@code unet/config.json} or {@code model_index.json}, as it follows from the
     * tensors.
     *
     * @param prediction what the model predicts
     * @throws IllegalArgumentException if a folder has no such file, or a tensor is missing
     */
    JsonObject settings(String file, FileTensors tensors, Prediction prediction);

    /** A part's keys and shapes, and where they are in the file. */
    PartLayout part(String part, Config config);

    /** What fills up texts, where that is not for the tokenizer's folder to say. */
    default Optional<String> padding(String tokenizer) {
        return Optional.empty();
    }

    /** Whether the model predicts velocity and not noise, where neither the caller nor the file says which. */
    default boolean predictsVelocity(FileTensors tensors, Map<String, String> metadata) {
        return false;
    }

    /** What the latents of the models' autoencoders are multiplied by: {@code scaling_factor}. */
    double latentScale();

    /** Whether this is how to write a model. */
    boolean writes(ModelFiles model) throws IOException;

    /**
     * Refuses a model that {@link #writes this layout} has no place for, in part.
     *
     * @throws IllegalArgumentException naming what there is no place for
     */
    default void check(ModelFiles model) throws IOException {}

    /**
     * Tensors that a file must have, and that are made of no weights.
     *
     * @param tensors of the part
     */
    default Map<String, OriginalTensor> unused(String part, Map<String, OriginalTensor> tensors) {
        return Map.of();
    }
}
