package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;

/** A denoiser whose clean data is kept in range; the noise stays as {@code model} predicts it. */
public record ClippedDenoiser(Denoiser model, Clipping clipping) implements Denoiser {

    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        Prediction p = model.predict(latents, at);
        return new Prediction(clipping.clip(p.x0()), p.eps(), p.variance());
    }
}
