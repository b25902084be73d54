package io.latent4j.pipeline.model.flux;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.model.transformer.Packing;
import io.latent4j.pipeline.model.transformer.TransformerDenoiser;
import io.latent4j.transformer.flux.FluxInput;
import io.latent4j.transformer.flux.FluxTransformer2DModel;
import io.latent4j.transformer.layers.Positions;
import java.util.Arrays;
import java.util.Optional;

/**
 * The transformer of FLUX.1 as denoiser. It takes latents in squares of 2×2, and the noise's share as the time.
 *
 * @param dataType the type it computes in
 * @param timesteps the time of noise alone
 */
record FluxDenoiser(FluxTransformer2DModel transformer, DataType dataType, int timesteps)
        implements TransformerDenoiser {
    static final int PATCH = 2;
    private static final int AXES = 3;

    @Override
    public NamedBlock block() {
        return transformer;
    }

    @Override
    public int patchSize() {
        return PATCH;
    }

    @Override
    public long width() {
        return transformer.config().width();
    }

    @Override
    public boolean takesGuidance() {
        return transformer.config().guidanceEmbeds();
    }

    @Override
    public NDArray predict(Pass pass, DenoiserInput input) {
        Conditioning text = input.conditioning();
        Shape shape = input.latents().getShape();
        return scoped(() -> {
            Optional<NDArray> guidance = input.guidanceScale().isPresent()
                    ? Optional.of(Ops.array(
                            input.timesteps().getManager(),
                            scales(input.guidanceScale().getAsDouble(), shape.get(0)),
                            new Shape(shape.get(0))))
                    : Optional.empty();
            NDArray output = transformer.forward(
                    pass,
                    new FluxInput(
                            entering(Packing.packed(input.latents())),
                            Ops.div(input.timesteps(), timesteps),
                            entering(text.context()),
                            entering(text.get(Conditioning.POOLED).orElseThrow()),
                            Positions.grid(AXES, 0, shape.get(2) / PATCH, shape.get(3) / PATCH),
                            Positions.zeros(AXES, text.context().getShape().get(1)),
                            guidance));
            return Ops.castLike(Packing.unpacked(output, shape), input.latents());
        });
    }

    private static float[] scales(double scale, long samples) {
        float[] scales = new float[Math.toIntExact(samples)];
        Arrays.fill(scales, (float) scale);
        return scales;
    }
}
