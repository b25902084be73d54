package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;

/** The model as a scheduler sees it: guidance, text, data type and prediction type are already dealt with. */
@FunctionalInterface
public interface Denoiser {

    /** Tells the clean part and the noise of {@code latents} (N, C, H, W), noised to level {@code at}. */
    Prediction predict(NDArray latents, NoiseLevel at);
}
