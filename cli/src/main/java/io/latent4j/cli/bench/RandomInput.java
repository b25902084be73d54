package io.latent4j.cli.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.unet.AddedConditions;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNetInput;
import java.util.Optional;

/**
 * What a UNet is given, at random.
 *
 * @param latents (N, C, H, W)
 * @param context (N, tokens, width)
 * @param added what some UNets take besides
 */
record RandomInput(NDArray latents, NDArray context, Optional<AddedConditions> added) {
    static final int WORDS = 77;
    private static final double TIMESTEP = 500;

    /** For latents of this shape, (N, C, H, W); {@code manager} owns it. */
    static RandomInput of(FullSizeModel model, Shape latents, NDManager manager) {
        UNet2DConditionConfig config = model.unet().config();
        long count = latents.get(0);
        return new RandomInput(
                normal(model, manager, count, config.inChannels(), latents.get(2), latents.get(3)),
                normal(model, manager, count, WORDS, config.crossAttentionDim()),
                AddedConditions.of(config, count, shape -> normal(model, manager, shape.getShape())));
    }

    private static NDArray normal(FullSizeModel model, NDManager manager, long... shape) {
        return Ops.cast(
                manager.randomNormal(new Shape(shape)), model.precision().compute());
    }

    /** What the UNet of {@code model} answers. */
    NDArray through(FullSizeModel model, Pass pass) {
        return model.unet()
                .forward(pass, UNetInput.of(latents, TIMESTEP, context).withAdded(added));
    }
}
