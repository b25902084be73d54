package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.Components;
import java.util.List;
import java.util.Optional;

/** A model that stays as it is, with an adapter in training. A pass that has adapters keeps them: a dropout is in them. */
final class AdaptedModel implements LatentModel {
    private final Components parts;
    private final TrainableLora lora;
    private final NDManager manager;
    private final Optional<FrozenText> frozen;

    /** @param trainsText whether the text encoder is adapted too */
    AdaptedModel(Components parts, TrainableLora lora, boolean trainsText, NDManager manager) {
        this.parts = parts;
        this.lora = lora;
        this.manager = manager;
        this.frozen =
                trainsText ? Optional.empty() : Optional.of(new FrozenText(parts.textEncoder(), parts.tokenizer()));
    }

    @Override
    public NDArray context(Pass pass, List<String> captions) {
        return frozen.map(text -> text.states(manager, captions))
                .orElseGet(() -> parts.textEncoder()
                        .forward(adapted(pass), parts.tokenizer().encode(manager, captions), 0));
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, NDArray context) {
        DataType type = parts.dataType();
        NDArray answer = parts.unet()
                .forward(adapted(pass), Ops.cast(noisy, type), timesteps, Ops.cast(context, type), Optional.empty());
        return Ops.cast(answer, DataType.FLOAT32);
    }

    private Pass adapted(Pass pass) {
        return pass.adapters().isEmpty() ? pass.withAdapters(List.of(lora.recorded(0, () -> 0))) : pass;
    }
}
