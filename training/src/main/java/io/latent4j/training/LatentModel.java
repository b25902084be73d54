package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import java.util.List;

/** What a {@link LatentDiffusion} trains: networks, all of them or a part, or something that changes what they do. */
interface LatentModel {

    /** What the texts mean to {@link #predict}: (N, tokens, width). */
    NDArray context(Pass pass, List<String> captions);

    /**
     * What noisy latents are answered with.
     *
     * @param noisy (N, C, H, W), float32
     * @param timesteps (N)
     * @return float32
     */
    NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, NDArray context);
}
