package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.data.ArrayCache;
import io.latent4j.training.data.CachedArray;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What an encoder that does not learn makes of texts, computed once of each and kept on disk. */
final class KeptTexts implements TextConditions {
    private final ClipTextModel encoder;
    private final ClipTokenizer tokenizer;
    private final ArrayCache cache;
    private final String name;

    /** @param name of encoder and tokenizer, which no others have */
    KeptTexts(ClipTextModel encoder, ClipTokenizer tokenizer, ArrayCache cache, String name) {
        this.encoder = encoder;
        this.tokenizer = tokenizer;
        this.cache = cache;
        this.name = name;
    }

    @Override
    public void prepare(List<String> texts) throws IOException {
        for (String text : texts) {
            if (cache.get(key(text)).isEmpty()) { // also where it is damaged
                cache.put(key(text), encoded(text));
            }
        }
    }

    /** One at a time, so that a text's states do not depend on its company by a rounding. */
    @SuppressWarnings("try")
    private CachedArray encoded(String text) {
        NDManager manager = encoder.getParameters().get(0).getValue().getArray().getManager();
        try (NDScope scope = new NDScope()) {
            NDArray states = encoder.forward(Pass.inference(), tokenizer.encode(manager, List.of(text)), 0);
            return new CachedArray(states.getShape().slice(1), states.toFloatArray());
        }
    }

    @Override
    public Told of(Pass pass, NDManager manager, List<String> texts) {
        List<CachedArray> all = texts.stream()
                .map(text -> cache.get(key(text)).orElseGet(() -> encoded(text)))
                .toList();
        Shape shape = all.get(0).shape();
        int length = Math.toIntExact(shape.size());
        float[] values = new float[all.size() * length];
        for (int i = 0; i < all.size(); i++) {
            System.arraycopy(all.get(i).values(), 0, values, i * length, length);
        }
        return new Told(manager.create(values, new Shape(all.size()).addAll(shape)), Optional.empty());
    }

    private String key(String text) {
        return ArrayCache.key(name, text);
    }
}
