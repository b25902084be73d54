package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.Components;
import java.util.Optional;

/** A UNet whose weights stay as they are, in whatever data type they are held. */
final class Frozen {
    private Frozen() {}

    /** What it answers, in the data type of {@code noisy}. */
    static NDArray answer(Components parts, Pass pass, NDArray noisy, NDArray timesteps, NDArray context) {
        if (parts.dataType() == DataType.FLOAT32) { // the pass deals with precision
            return parts.unet().forward(pass, noisy, timesteps, context, Optional.empty());
        }
        NDArray input = Ops.cast(noisy, parts.dataType());
        NDArray texts = Ops.cast(context, parts.dataType());
        return Ops.castLike(parts.unet().forward(pass, input, timesteps, texts, Optional.empty()), noisy);
    }
}
