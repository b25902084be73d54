package io.latent4j.pipeline.model.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.transformer.sd3.SD3Input;
import io.latent4j.transformer.sd3.SD3Transformer2DModel;
import java.util.Set;

/**
 * The transformer of Stable Diffusion 3 as denoiser.
 *
 * @param dataType the type it computes in
 */
record StableDiffusion3Denoiser(SD3Transformer2DModel transformer, DataType dataType) implements TransformerDenoiser {

    @Override
    public NamedBlock block() {
        return transformer;
    }

    @Override
    public int patchSize() {
        return transformer.config().patchSize();
    }

    @Override
    public long width() {
        return (long) transformer.config().heads() * transformer.config().headDim();
    }

    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        Conditioning text = input.conditioning();
        NDArray pooled = text.get(Conditioning.POOLED).orElseThrow();
        NDArray output = transformer.forward(
                pass,
                new SD3Input(
                        entering(input.latents()),
                        input.timesteps(),
                        entering(text.context()),
                        entering(pooled),
                        Set.of()));
        return Ops.castLike(output, input.latents());
    }
}
