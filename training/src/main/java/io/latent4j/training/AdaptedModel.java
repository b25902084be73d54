package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.Components;
import io.latent4j.training.data.CachedArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A model that stays as it is, with an adapter in training. A pass that has adapters keeps them: a dropout is in them. */
final class AdaptedModel implements LatentModel, TextConditions {
    private final Components parts;
    private final Reading reading;
    private final TrainableLora lora;
    private final boolean trainsText;
    private final Map<String, Kept> kept = new HashMap<>();

    /** What is told of one text. */
    private record Kept(CachedArray context, Optional<CachedArray> summary) {}

    /** @param trainsText whether the text encoders are adapted too; if not, each text is read once */
    AdaptedModel(Reading reading, TrainableLora lora, boolean trainsText) {
        this.parts = reading.parts();
        this.reading = reading;
        this.lora = lora;
        this.trainsText = trainsText;
    }

    @Override
    public void prepare(List<String> texts) {
        if (!trainsText) {
            texts.forEach(text -> kept.computeIfAbsent(text, this::read));
        }
    }

    @Override
    public Told of(Pass pass, NDManager manager, List<String> texts) {
        if (trainsText) {
            return reading.of(adapted(pass), manager, texts);
        }
        List<Kept> all = texts.stream()
                .map(text -> kept.containsKey(text) ? kept.get(text) : read(text))
                .toList();
        NDArray context = rows(manager, all, Kept::context);
        return new Told(
                context, all.get(0).summary.map(first -> rows(manager, all, each -> each.summary.orElseThrow())));
    }

    private static NDArray rows(NDManager manager, List<Kept> all, Function<Kept, CachedArray> row) {
        Shape shape = row.apply(all.get(0)).shape();
        int length = Math.toIntExact(shape.size());
        float[] values = new float[all.size() * length];
        for (int i = 0; i < all.size(); i++) {
            System.arraycopy(row.apply(all.get(i)).values(), 0, values, i * length, length);
        }
        return manager.create(values, new Shape(all.size()).addAll(shape));
    }

    @SuppressWarnings("try")
    private Kept read(String text) {
        try (NDScope scope = new NDScope()) {
            Told told = reading.of(Pass.inference(), parts.manager(), List.of(text));
            return new Kept(first(told.context()), told.summary().map(AdaptedModel::first));
        }
    }

    private static CachedArray first(NDArray one) {
        return new CachedArray(one.getShape().slice(1), one.toFloatArray());
    }

    @Override
    public NDArray predict(Pass pass, NDArray noisy, NDArray timesteps, Told told) {
        return Frozen.answer(parts, adapted(pass), noisy, timesteps, told);
    }

    private Pass adapted(Pass pass) {
        return pass.adapters().isEmpty() ? pass.withAdapters(List.of(lora.recorded(0, () -> 0))) : pass;
    }
}
