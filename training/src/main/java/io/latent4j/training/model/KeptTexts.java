package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.TextReader;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.batches.ContentName;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.CachedArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What is told of texts by encoders that do not learn, computed once of each and kept on disk. */
public final class KeptTexts implements TextConditions {
    private static final String SUMMARY = "summary";

    private final TextConditions reading;
    private final boolean summarizes;
    private final UnaryOperator<String> keys;
    private final NDManager manager;
    private final ArrayCache cache;

    /** What is told of one text. */
    private record Kept(CachedArray context, Optional<CachedArray> summary) {}

    /** @param keys for texts, that stand for the encoders too */
    private KeptTexts(
            TextConditions reading,
            boolean summarizes,
            UnaryOperator<String> keys,
            NDManager manager,
            ArrayCache cache) {
        this.reading = reading;
        this.summarizes = summarizes;
        this.keys = keys;
        this.manager = manager;
        this.cache = cache;
    }

    /**
     * By one encoder.
     *
     * @param name of encoder and tokenizer, which no others have
     */
    public static KeptTexts of(ClipTextModel encoder, ClipTokenizer tokenizer, ArrayCache cache, String name) {
        NDManager manager = encoder.getParameters().get(0).getValue().getArray().getManager();
        return new KeptTexts(
                TextConditions.of(encoder, tokenizer), false, text -> ArrayCache.key(name, text), manager, cache);
    }

    /** By the encoders of a model, whose weights are all read once, for their names. */
    public static KeptTexts of(Reading reading, ArrayCache cache) {
        Components parts = reading.parts();
        List<String> names = parts.readers().stream()
                .map(reader -> ContentName.of(reader.encoder(), reader.encoder().config()))
                .toList();
        return new KeptTexts(
                reading,
                parts.unet().config().textTime().isPresent(),
                text -> key(reading, names, text),
                parts.manager(),
                cache);
    }

    /** By tokens and not by letters, so that it does not matter which tokenizer they come from. */
    private static String key(Reading reading, List<String> encoders, String text) {
        List<String> all = new ArrayList<>(encoders);
        all.add("clip skip " + reading.clipSkip());
        if (text.isEmpty() && reading.parts().zerosForEmptyPrompt()) {
            all.add("zeros"); // an empty text is told otherwise than a blank of the same tokens
        }
        for (TextReader reader : reading.parts().readers()) {
            all.add(reader.tokenizer().encode(text).ids().toString());
        }
        return ArrayCache.key(all.toArray(String[]::new));
    }

    @Override
    public void prepare(List<String> texts) throws IOException {
        for (String text : texts) {
            String key = keys.apply(text);
            if (known(key).isEmpty()) { // also where it is damaged
                Kept read = read(text);
                cache.put(key, read.context);
                if (summarizes) {
                    cache.put(ArrayCache.key(key, SUMMARY), read.summary.orElseThrow());
                }
            }
        }
    }

    private Optional<Kept> known(String key) {
        Optional<CachedArray> context = cache.get(key);
        Optional<CachedArray> summary = summarizes ? cache.get(ArrayCache.key(key, SUMMARY)) : Optional.empty();
        return context.filter(found -> summary.isPresent() == summarizes).map(found -> new Kept(found, summary));
    }

    /** One at a time, so that what is told of a text does not depend on its company by a rounding. */
    @SuppressWarnings("try")
    private Kept read(String text) {
        try (NDScope scope = new NDScope()) {
            Told told = reading.of(Pass.inference(), manager, List.of(text));
            return new Kept(row(told.context()), told.summary().map(KeptTexts::row));
        }
    }

    private static CachedArray row(NDArray one) {
        return new CachedArray(one.getShape().slice(1), one.toFloatArray());
    }

    @Override
    public Told of(Pass pass, NDManager manager, List<String> texts) {
        List<Kept> all = texts.stream()
                .map(text -> known(keys.apply(text)).orElseGet(() -> read(text)))
                .toList();
        Optional<NDArray> summary =
                summarizes ? Optional.of(rows(manager, all, each -> each.summary.orElseThrow())) : Optional.empty();
        return new Told(rows(manager, all, Kept::context), summary);
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
}
