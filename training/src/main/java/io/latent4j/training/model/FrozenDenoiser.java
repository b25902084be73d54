package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.request.Tiling;

/** A denoiser whose weights stay as they are, in whatever data type they are held. */
final class FrozenDenoiser {
    private FrozenDenoiser() {}

    /** Its prediction for images that were neither scaled nor cut, in the data type of {@code noisy}. */
    static NDArray predict(Components parts, Pass pass, NDArray noisy, NDArray timesteps, Conditioning texts) {
        Shape shape = noisy.getShape();
        long pixels = parts.codec(Tiling.AUTO).pixelsPerLatent();
        int width = Math.toIntExact(shape.get(3) * pixels);
        int height = Math.toIntExact(shape.get(2) * pixels);
        Conditioning sized = parts.text().sized(texts, width, height);
        return parts.denoiser().predict(pass, DenoiserInput.of(noisy, timesteps, sized));
    }
}
