package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;

/** What is done to the latents after a step: keeps the part of an image that is not to change, for one. */
@FunctionalInterface
public interface LatentBlend {
    /** Leaves the latents as they are. */
    LatentBlend NOTHING = (latents, at) -> latents;

    /** Answers what {@code latents}, (N, C, h, w) at noise level {@code at}, become; {@code latents} itself stays as it is. */
    NDArray apply(NDArray latents, NoiseLevel at);
}
