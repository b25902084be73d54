package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.Components;
import java.util.List;
import java.util.Optional;

/** A model that stays as it is, and whose learned words are in training. */
record InvertedModel(Components parts) implements LatentModel {

    @Override
    public NDArray context(Pass pass, List<String> captions) {
        NDArray ids = parts.words().encode(parts.tokenizer(), parts.manager(), captions);
        return parts.words().states(parts.textEncoder(), pass, ids);
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, NDArray context) {
        NDArray input = Ops.cast(noisy, parts.dataType());
        return Ops.cast(parts.unet().forward(pass, input, timesteps, context, Optional.empty()), DataType.FLOAT32);
    }
}
