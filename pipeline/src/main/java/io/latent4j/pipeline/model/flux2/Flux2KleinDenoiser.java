package io.latent4j.pipeline.model.flux2;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.transformer.flux2.Flux2Input;
import io.latent4j.transformer.flux2.Flux2Transformer2DModel;
import io.latent4j.transformer.layers.Positions;
import java.util.Optional;

/**
 * The transformer of FLUX.2 as denoiser. Each position of the latents is a token, and the noise's share is the time.
 *
 * @param dataType the type it computes in
 * @param timesteps the time of noise alone
 */
record Flux2KleinDenoiser(Flux2Transformer2DModel transformer, DataType dataType, int timesteps)
        implements TransformerDenoiser {
    private static final int AXES = 4;
    private static final int TEXT = 3; // the axis of words

    @Override
    public NamedBlock block() {
        return transformer;
    }

    @Override
    public int patchSize() {
        return 1;
    }

    @Override
    public long width() {
        return transformer.config().width();
    }

    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        Shape shape = input.latents().getShape();
        NDArray context = input.conditioning().context();
        return scoped(() -> {
            NDArray tokens = input.latents()
                    .reshape(shape.get(0), shape.get(1), shape.get(2) * shape.get(3))
                    .transpose(0, 2, 1);
            NDArray output = transformer.forward(
                    pass,
                    new Flux2Input(
                            entering(tokens),
                            Ops.div(input.timesteps(), timesteps),
                            entering(context),
                            Positions.grid(AXES, 0, shape.get(2), shape.get(3)),
                            Positions.line(AXES, TEXT, 0, context.getShape().get(1)),
                            Optional.empty()));
            return Ops.castLike(output.transpose(0, 2, 1).reshape(shape), input.latents());
        });
    }
}
