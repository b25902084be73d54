package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.Components;
import java.util.List;

/** A model that stays as it is, and whose learned words are in training. */
record InvertedModel(Components parts) implements LatentModel, TextConditions {

    @Override
    public NDArray of(Pass pass, NDManager manager, List<String> texts) {
        NDArray ids = parts.words().encode(parts.tokenizer(), manager, texts);
        return Ops.cast(parts.words().states(parts.textEncoder(), pass, ids), DataType.FLOAT32);
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, NDArray context) {
        return Frozen.answer(parts, pass, noisy, timesteps, context);
    }
}
