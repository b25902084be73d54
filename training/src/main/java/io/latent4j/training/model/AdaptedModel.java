package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import java.io.IOException;
import java.util.List;

/**
 * A model that stays as it is, with an adapter in training. A pass that has adapters keeps them: a dropout is in them.
 *
 * @param texts makes the conditioning of captions, by encoders that are adapted too, or not
 */
public record AdaptedModel(Components parts, TrainableLora lora, CaptionConditioner texts)
        implements LatentModel, CaptionConditioner {

    @Override
    public void prepare(List<String> texts) throws IOException {
        this.texts.prepare(texts);
    }

    @Override
    public Conditioning of(Pass pass, NDManager manager, List<String> texts) {
        return this.texts.of(adapted(pass), manager, texts);
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, Conditioning conditioning) {
        return FrozenDenoiser.predict(parts, adapted(pass), noisy, timesteps, conditioning);
    }

    private Pass adapted(Pass pass) {
        return pass.adapters().isEmpty() ? pass.withAdapters(List.of(lora.recorded(0, () -> 0))) : pass;
    }
}
