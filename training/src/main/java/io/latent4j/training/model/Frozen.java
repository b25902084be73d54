package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Components;
import io.latent4j.unet.AddedConditions;
import io.latent4j.unet.UNetInput;
import java.util.Optional;

/** A UNet whose weights stay as they are, in whatever data type they are held. */
final class Frozen {
    private Frozen() {}

    /** What it answers, in the data type of {@code noisy}. */
    static NDArray answer(Components parts, Pass pass, NDArray noisy, NDArray timesteps, TextConditions.Told told) {
        if (parts.dataType() == DataType.FLOAT32) { // the pass deals with precision
            return answer(parts, pass, noisy, timesteps, told.context(), told.summary());
        }
        NDArray input = Ops.cast(noisy, parts.dataType());
        NDArray context = Ops.cast(told.context(), parts.dataType());
        Optional<NDArray> summary = told.summary().map(s -> Ops.cast(s, parts.dataType()));
        return Ops.castLike(answer(parts, pass, input, timesteps, context, summary), noisy);
    }

    private static NDArray answer(
            Components parts, Pass pass, NDArray x, NDArray timesteps, NDArray context, Optional<NDArray> summary) {
        Optional<AddedConditions> added = summary.map(s -> new AddedConditions(s, sizes(parts, x)));
        return parts.unet().forward(pass, UNetInput.of(x, timesteps, context).withAdded(added));
    }

    /** That each image was neither scaled nor cut: height and width, no edge cut off, height and width. */
    private static NDArray sizes(Components parts, NDArray latents) {
        Shape shape = latents.getShape();
        int count = Math.toIntExact(shape.get(0));
        int downscale = parts.vae().config().downscale();
        float height = shape.get(2) * downscale;
        float width = shape.get(3) * downscale;
        float[] one = {height, width, 0, 0, height, width};
        float[] all = new float[count * one.length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        return latents.getManager().create(all, new Shape(count, one.length));
    }
}
