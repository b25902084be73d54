package io.latent4j.pipeline;

/**
 * A stage of a batch begins.
 *
 * @param image index of the batch's first image in the request
 * @param images how many images the batch has
 */
public record StageEvent(Stage stage, int image, int images) {

    /** What is done to a batch. Texts and denoising come twice where a refiner or a larger size follows. */
    public enum Stage {
        /** Weights are read, where parts of the model are offloaded. */
        LOADING,
        /** Prompts are encoded. */
        TEXT,
        /** Steps are taken: see {@link StepEvent}. */
        DENOISING,
        /** Latents become images: see {@link ImageEvent}. */
        DECODING
    }
}
