package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.schedulers.NoiseLevel;
import java.util.stream.Stream;

/**
 * Keeps the part of an image that is not repainted: after each step, what the mask leaves out is the image again, with
 * the noise it was given at first.
 *
 * @param mask 1 where latents change and 0 where they stay, (1, 1, h, w)
 * @param image its clean latents, (N, C, h, w) or (1, C, h, w)
 * @param eps the noise of the start, (N, C, h, w)
 */
public record InpaintBlend(NDArray mask, NDArray image, NDArray eps) implements LatentBlend {

    @Override
    public NDArray apply(NDArray latents, NoiseLevel at) {
        return latents.mul(mask).add(at.mix(image, eps).mul(mask.sub(1).neg()));
    }

    /** Takes the arrays out of the scope that is open; they become {@code manager}'s. */
    public void attach(NDManager manager) {
        Stream.of(mask, image, eps).forEach(array -> {
            NDScope.unregister(array);
            array.attach(manager);
        });
    }
}
