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
import io.latent4j.pipeline.request.Prompt;
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
    private static final int APART = 10; // how far the times of pictures lie from each other

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
    public int mostReferences() {
        return Prompt.MOST_REFERENCES;
    }

    /** Tokens of reference images follow those of the image, and what is predicted for them is left out. */
    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        Shape shape = input.latents().getShape();
        NDArray context = input.conditioning().context();
        return scoped(() -> {
            NDArray tokens = tokens(input.latents());
            long own = tokens.getShape().get(1);
            Positions positions = Positions.grid(AXES, 0, shape.get(2), shape.get(3));
            for (int i = 0; i < input.references().size(); i++) {
                NDArray picture = input.references().get(i);
                Shape size = picture.getShape();
                NDArray added = tokens(picture);
                tokens = tokens.concat(
                        added.broadcast(shape.get(0), added.getShape().get(1), shape.get(1)), 1);
                positions = positions.and(Positions.grid(AXES, (i + 1L) * APART, size.get(2), size.get(3)));
            }
            NDArray output = transformer.forward(
                    pass,
                    new Flux2Input(
                            entering(tokens),
                            Ops.div(input.timesteps(), timesteps),
                            entering(context),
                            positions,
                            Positions.line(AXES, TEXT, 0, context.getShape().get(1)),
                            Optional.empty()));
            NDArray image = output.getShape().get(1) == own
                    ? output
                    : output.split(new long[] {own}, 1).get(0);
            return Ops.castLike(image.transpose(0, 2, 1).reshape(shape), input.latents());
        });
    }

    /** (N, C, h, w) → (N, h · w, C). */
    private static NDArray tokens(NDArray latents) {
        Shape shape = latents.getShape();
        return latents.reshape(shape.get(0), shape.get(1), shape.get(2) * shape.get(3))
                .transpose(0, 2, 1);
    }
}
