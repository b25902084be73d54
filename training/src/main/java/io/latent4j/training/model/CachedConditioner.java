package io.latent4j.training.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextReader;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.training.batches.ContentName;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.CachedArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The conditioning of texts by encoders that are not trained, computed once for each text and cached on disk. */
public final class CachedConditioner implements CaptionConditioner {
    private final CaptionConditioner conditioner;
    private final List<String> names;
    private final UnaryOperator<String> keys;
    private final NDManager manager;
    private final ArrayCache cache;

    /**
     * The conditioning of one text.
     *
     * @param more further arrays, as many as there are names
     */
    private record Entry(CachedArray context, List<CachedArray> more) {}

    /**
     * A cache of one conditioner.
     *
     * @param names of the arrays besides the context
     * @param keys for texts, that stand for the encoders too
     */
    private CachedConditioner(
            CaptionConditioner conditioner,
            List<String> names,
            UnaryOperator<String> keys,
            NDManager manager,
            ArrayCache cache) {
        this.conditioner = conditioner;
        this.names = List.copyOf(names);
        this.keys = keys;
        this.manager = manager;
        this.cache = cache;
    }

    /**
     * By one encoder.
     *
     * @param name of encoder and tokenizer, which no others have
     */
    public static CachedConditioner of(TextEncoder encoder, TextTokenizer tokenizer, ArrayCache cache, String name) {
        NDManager manager =
                encoder.block().getParameters().get(0).getValue().getArray().getManager();
        return new CachedConditioner(
                CaptionConditioner.of(encoder, tokenizer),
                List.of(),
                text -> ArrayCache.key(name, text),
                manager,
                cache);
    }

    /** By the encoders of a model, whose weights are all read once, for their names. */
    public static CachedConditioner of(ModelConditioner conditioner, ArrayCache cache) {
        Components parts = conditioner.parts();
        List<String> encoders = parts.readers().stream()
                .map(reader -> ContentName.of(
                        reader.encoder().block(), reader.encoder().config()))
                .toList();
        return new CachedConditioner(
                conditioner, parts.text().arrays(), text -> key(conditioner, encoders, text), parts.manager(), cache);
    }

    /** By tokens and not by letters, so that it does not matter which tokenizer they come from. */
    private static String key(ModelConditioner conditioner, List<String> encoders, String text) {
        List<String> all = new ArrayList<>(encoders);
        all.add("clip skip " + conditioner.clipSkip());
        if (text.isEmpty() && conditioner.parts().zerosForEmptyPrompt()) {
            all.add("zeros"); // the conditioning of an empty text differs from that of a blank of the same tokens
        }
        for (TextReader reader : conditioner.parts().readers()) {
            all.add(reader.tokenizer().encode(text).ids().toString());
        }
        return ArrayCache.key(all.toArray(String[]::new));
    }

    @Override
    public void prepare(List<String> texts) throws IOException {
        for (String text : texts) {
            String key = keys.apply(text);
            if (known(key).isEmpty()) { // also where it is damaged
                Entry read = read(text);
                cache.put(key, read.context);
                for (int i = 0; i < names.size(); i++) {
                    cache.put(ArrayCache.key(key, names.get(i)), read.more.get(i));
                }
            }
        }
    }

    private Optional<Entry> known(String key) {
        Optional<CachedArray> context = cache.get(key);
        List<CachedArray> more = names.stream()
                .flatMap(name -> cache.get(ArrayCache.key(key, name)).stream())
                .toList();
        return context.filter(found -> more.size() == names.size()).map(found -> new Entry(found, more));
    }

    /** One at a time, so that the conditioning of a text does not depend by a rounding on the others of a batch. */
    @SuppressWarnings("try")
    private Entry read(String text) {
        try (NDScope scope = new NDScope()) {
            Conditioning read = conditioner.of(Pass.inference(), manager, List.of(text));
            return new Entry(
                    row(read.context()),
                    names.stream().map(name -> row(read.more().get(name))).toList());
        }
    }

    private static CachedArray row(NDArray one) {
        return new CachedArray(one.getShape().slice(1), one.toFloatArray());
    }

    @Override
    public Conditioning of(Pass pass, NDManager manager, List<String> texts) {
        List<Entry> all = texts.stream()
                .map(text -> known(keys.apply(text)).orElseGet(() -> read(text)))
                .toList();
        Conditioning conditioning = Conditioning.of(rows(manager, all, Entry::context));
        for (int i = 0; i < names.size(); i++) {
            int at = i;
            conditioning = conditioning.with(names.get(i), rows(manager, all, each -> each.more.get(at)));
        }
        return conditioning;
    }

    private static NDArray rows(NDManager manager, List<Entry> all, Function<Entry, CachedArray> row) {
        Shape shape = row.apply(all.get(0)).shape();
        int length = Math.toIntExact(shape.size());
        float[] values = new float[all.size() * length];
        for (int i = 0; i < all.size(); i++) {
            System.arraycopy(row.apply(all.get(i)).values(), 0, values, i * length, length);
        }
        return manager.create(values, new Shape(all.size()).addAll(shape));
    }
}
