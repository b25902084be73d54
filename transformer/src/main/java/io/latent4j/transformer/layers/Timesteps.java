package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.SinusoidalEmbedding;
import io.latent4j.core.ops.Ops;

/** Times and other numbers as 256 waves, cosines first: what the published transformers' embeddings of the time read. */
public final class Timesteps {
    /** Length of one number's waves. */
    public static final int CHANNELS = 256;

    private Timesteps() {}

    /** The waves of each number, (N) → (N, {@value #CHANNELS}), of the type of {@code like}. */
    public static NDArray waves(NDArray numbers, NDArray like) {
        return Ops.castLike(new SinusoidalEmbedding(CHANNELS, true, 0).of(numbers), like);
    }
}
