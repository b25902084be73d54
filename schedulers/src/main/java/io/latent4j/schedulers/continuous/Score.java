package io.latent4j.schedulers.continuous;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;

/** The gradient of the logarithm of the density of noisy data: where there is more of it. */
@FunctionalInterface
public interface Score {

    /** The score of {@code x}, (N, …) in the coordinates of an {@link Sde}, at time {@code t}; of the shape of {@code x}. */
    NDArray at(NDArray x, double t);

    /** The score that {@code model} knows of: the noise it predicts, times −1 / std. */
    static Score of(Sde sde, Denoiser model) {
        return (x, t) -> {
            NoiseLevel level = sde.level(t);
            NDArray latents = Ops.mul(x, level.alpha() / sde.scale(t));
            return Ops.div(model.predict(latents, level).eps(), -sde.std(t));
        };
    }
}
