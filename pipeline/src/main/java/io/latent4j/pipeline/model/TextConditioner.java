package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.request.MicroConditioning;
import java.util.List;
import java.util.Optional;

/**
 * Makes the conditioning of prompts for one model: its tokenizers, its text encoders, and whatever else its denoiser takes
 * besides latents and time. Inference opens a {@link TextSession} for each run; training calls {@link #encode} and
 * {@link #sized}. Any number of threads may use it at a time.
 */
public interface TextConditioner {

    /**
     * Checks options before anything is loaded.
     *
     * @throws IllegalArgumentException if the encoders cannot follow {@code options}, or the model takes no
     *     {@code micro}-conditioning
     */
    void check(TextOptions options, Optional<MicroConditioning> micro);

    /**
     * Begins to read the texts of one run.
     *
     * @param adapters applied to the text encoders
     * @param results owns the conditionings, unless a scope is open
     */
    TextSession open(TextOptions options, List<LoraUse> adapters, NDManager results);

    /** The learned words that texts may have, as they are written. */
    default List<String> words() {
        return List.of();
    }

    /** What of a text the encoders do not read, if they do not read all of it. */
    Optional<Cut> cut(String text, TextOptions options);

    /**
     * What else of a text has no effect, in words that follow "the prompt", if anything has none: weights for instance,
     * that the encoders cannot follow.
     */
    default Optional<String> ignored(String text, TextOptions options) {
        return Optional.empty();
    }

    /**
     * Conditions a batch of plain texts for training, without sizes; in float32. Gradients reach the parameters of
     * {@code pass}, its adapters, and the vectors of learned words. Where the model was trained on zeros for empty texts,
     * those have zeros. The arrays have one row for each text and may be kept and concatenated, as a cache does.
     *
     * @param clipSkip see {@link TextOptions}
     */
    Conditioning encode(Pass pass, NDManager manager, List<String> texts, int clipSkip);

    /** The names of the arrays besides the context that {@link #encode} returns. */
    default List<String> arrays() {
        return List.of();
    }

    /**
     * Adds the sizes that a model takes of images in training, which were neither scaled nor cut; {@code encoded} itself
     * for a model that takes none.
     */
    Conditioning sized(Conditioning encoded, int width, int height);

    /**
     * The end of a text that is not read.
     *
     * @param limit how many tokens are read
     */
    record Cut(int limit, String text) {}
}
