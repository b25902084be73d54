package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Plan;
import java.util.Optional;

/**
 * Where a batch sets out.
 *
 * @param latents at the plan's first level, (N, C, h, w)
 */
record Start(NDArray latents) {

    /**
     * The start of {@code images} images: noise, or the request's picture noised. Drawn are, in the order of the reference
     * implementation, the noise of the picture's latents where there is a picture, and that of the start.
     */
    static Start of(Run run, Plan plan, int images, NDManager manager, NoiseSource noise) {
        NDArray like = manager.zeros(run.latentShape(images));
        Optional<NDArray> kept =
                run.canvas().map(canvas -> run.parts().codec().encode(canvas.pixels(manager), noise.like(like)));
        NDArray eps = noise.like(like);
        return new Start(kept.map(x0 -> plan.level(0).mix(x0, eps)).orElseGet(() -> plan.initialLatents(eps)));
    }
}
