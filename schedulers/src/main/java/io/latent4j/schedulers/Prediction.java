package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;

/**
 * A network's view of noisy latents {@code x = alpha · x0 + sigma · eps}: the clean part and the noise, each with the
 * shape of the latents.
 */
public record Prediction(NDArray x0, NDArray eps) {

    /** The same clean part and noise, mixed for level {@code to}: a first-order step there. */
    public NDArray at(NoiseLevel to) {
        return to.mix(x0, eps);
    }
}
