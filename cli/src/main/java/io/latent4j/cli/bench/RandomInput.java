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
 * @param added what SDXL's UNet takes besides
 */
record RandomInput(NDArray latents, NDArray context, Optional<AddedConditions> added) {
    static final int WORDS = 77;
    private static final double TIMESTEP = 500;

    /** For {@code count} images of so many latents; {@code manager} owns it. */
    static RandomInput of(FullSizeModel model, int count, long height, long width, NDManager manager) {
        UNet2DConditionConfig config = model.unet().config();
        return new RandomInput(
                normal(model, manager, count, config.inChannels(), height, width),
                normal(model, manager, count, WORDS, config.crossAttentionDim()),
                config.textTime()
                        .map(shape -> new AddedConditions(
                                normal(model, manager, count, shape.inputDim() - 6L * shape.timeEmbedDim()),
                                manager.ones(new Shape(count, 6)))));
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
