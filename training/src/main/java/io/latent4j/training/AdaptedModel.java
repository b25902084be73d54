package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.Components;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A model that stays as it is, with an adapter in training. A pass that has adapters keeps them: a dropout is in them. */
final class AdaptedModel implements LatentModel, TextConditions {
    private final Components parts;
    private final TrainableLora lora;
    private final boolean trainsText;
    private final Map<String, float[]> kept = new HashMap<>();

    /** @param trainsText whether the text encoder is adapted too; if not, each text is read once */
    AdaptedModel(Components parts, TrainableLora lora, boolean trainsText) {
        this.parts = parts;
        this.lora = lora;
        this.trainsText = trainsText;
    }

    @Override
    public void prepare(List<String> texts) {
        if (!trainsText) {
            texts.forEach(text -> kept.computeIfAbsent(text, this::states));
        }
    }

    @Override
    public NDArray of(Pass pass, NDManager manager, List<String> texts) {
        NDArray ids = parts.tokenizer().encode(manager, texts);
        if (trainsText) {
            return Ops.cast(parts.textEncoder().forward(adapted(pass), ids, 0), DataType.FLOAT32);
        }
        int width = parts.textEncoder().config().width();
        int row = parts.tokenizer().maxLength() * width;
        float[] values = new float[texts.size() * row];
        for (int i = 0; i < texts.size(); i++) {
            float[] states = kept.containsKey(texts.get(i)) ? kept.get(texts.get(i)) : states(texts.get(i));
            System.arraycopy(states, 0, values, i * row, row);
        }
        return manager.create(values, ids.getShape().add(width));
    }

    @SuppressWarnings("try")
    private float[] states(String text) {
        try (NDScope scope = new NDScope()) {
            NDArray ids = parts.tokenizer().encode(parts.manager(), List.of(text));
            return Ops.cast(parts.textEncoder().forward(Pass.inference(), ids, 0), DataType.FLOAT32)
                    .toFloatArray();
        }
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, NDArray context) {
        return Frozen.answer(parts, adapted(pass), noisy, timesteps, context);
    }

    private Pass adapted(Pass pass) {
        return pass.adapters().isEmpty() ? pass.withAdapters(List.of(lora.recorded(0, () -> 0))) : pass;
    }
}
