package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * A denoiser whose clean data is kept in range.
 *
 * @param corrects whether the noise is what is left of the latents beside the clipped data, and not what {@code model}
 *     predicts
 */
public record ClippedDenoiser(Denoiser model, Clipping clipping, boolean corrects) implements Denoiser {

    public ClippedDenoiser(Denoiser model, Clipping clipping) {
        this(model, clipping, false);
    }

    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        Prediction p = model.predict(latents, at);
        NDArray x0 = clipping.clip(p.x0());
        NDArray eps = corrects ? Ops.div(latents.sub(Ops.mul(x0, at.alpha())), at.sigma()) : p.eps();
        return new Prediction(x0, eps, p.variance());
    }
}
