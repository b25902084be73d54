package io.latent4j.pipeline.model.pixart;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.transformer.pixart.PixArtInput;
import io.latent4j.transformer.pixart.PixArtTransformer2DModel;

/**
 * PixArt's transformer as denoiser: of what it predicts the variance, the second half of the channels, is not used.
 *
 * @param dataType the type it computes in
 */
record PixArtDenoiser(PixArtTransformer2DModel transformer, DataType dataType) implements TransformerDenoiser {

    @Override
    public NamedBlock block() {
        return transformer;
    }

    @Override
    public boolean crossAttends() {
        return true;
    }

    @Override
    public int patchSize() {
        return transformer.config().patchSize();
    }

    @Override
    public long width() {
        return transformer.config().width();
    }

    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        Conditioning text = input.conditioning();
        NDArray output = transformer.forward(
                pass,
                new PixArtInput(
                        entering(input.latents()),
                        input.timesteps(),
                        entering(text.context()),
                        text.get(PixArtEncoding.MASK)));
        NDArray noise = output.split(2, 1).get(0);
        return Ops.castLike(noise, input.latents());
    }
}
