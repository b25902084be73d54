package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** What a text encoder that is not trained makes of texts, each computed once and kept in Java's memory. */
final class FrozenText {
    private static final long MOST = 20_000; // texts of 77 × 768 numbers: 5 GB, which few data sets have

    private final ClipTextModel encoder;
    private final ClipTokenizer tokenizer;
    private final Cache<String, float[]> states =
            CacheBuilder.newBuilder().maximumSize(MOST).softValues().build();

    FrozenText(ClipTextModel encoder, ClipTokenizer tokenizer) {
        this.encoder = encoder;
        this.tokenizer = tokenizer;
    }

    /** The last hidden states, (N, tokens, width), float32; {@code manager} owns them. */
    NDArray states(NDManager manager, List<String> texts) {
        int row = tokenizer.maxLength() * encoder.config().width();
        float[] values = new float[texts.size() * row];
        for (int i = 0; i < texts.size(); i++) {
            System.arraycopy(states(manager, texts.get(i)), 0, values, i * row, row);
        }
        return manager.create(
                values,
                new Shape(texts.size(), tokenizer.maxLength(), encoder.config().width()));
    }

    private float[] states(NDManager manager, String text) {
        try {
            return states.get(text, () -> compute(manager, text));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    @SuppressWarnings("try")
    private float[] compute(NDManager manager, String text) {
        try (NDScope scope = new NDScope()) {
            NDArray ids = tokenizer.encode(manager, List.of(text));
            return Ops.cast(encoder.forward(Pass.inference(), ids, 0), DataType.FLOAT32)
                    .toFloatArray();
        }
    }
}
