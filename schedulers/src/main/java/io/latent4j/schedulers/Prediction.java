package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * A network's view of noisy latents {@code x = alpha · x0 + sigma · eps}: the clean part and the noise, each with the
 * shape of the latents.
 *
 * @param variance what a network that learned its variance says of it, raw; empty for most
 */
public record Prediction(NDArray x0, NDArray eps, Optional<NDArray> variance) {

    public Prediction(NDArray x0, NDArray eps) {
        this(x0, eps, Optional.empty());
    }

    /** The same clean part and noise, mixed for level {@code to}: a first-order step there. */
    public NDArray at(NoiseLevel to) {
        return to.mix(x0, eps);
    }
}
