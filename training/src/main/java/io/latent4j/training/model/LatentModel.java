package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Conditioning;

/** What answers noisy latents: a UNet, or one with something in training beside it. */
@FunctionalInterface
public interface LatentModel {

    /**
     * The answer, in the precision of the input.
     *
     * @param noisy (N, C, H, W)
     * @param timesteps (N)
     * @param told what the texts mean
     */
    NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, Conditioning told);
}
