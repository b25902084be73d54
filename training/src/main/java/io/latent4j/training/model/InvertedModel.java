package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Conditioning;
import java.util.List;

/** A model that stays as it is, and whose learned words are in training. */
public record InvertedModel(ModelConditioner conditioner) implements LatentModel, CaptionConditioner {

    @Override
    public Conditioning of(Pass pass, NDManager manager, List<String> texts) {
        return conditioner.of(pass, manager, texts);
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, Conditioning conditioning) {
        return FrozenDenoiser.predict(conditioner.parts(), pass, noisy, timesteps, conditioning);
    }
}
