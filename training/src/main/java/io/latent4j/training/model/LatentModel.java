package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Conditioning;

/** Predicts from noisy latents: a UNet, or one with something in training beside it. */
@FunctionalInterface
public interface LatentModel {

    /**
     * The prediction, in the precision of the input.
     *
     * @param noisy (N, C, H, W)
     * @param timesteps (N)
     * @param conditioning the texts' conditioning
     */
    NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, Conditioning conditioning);
}
