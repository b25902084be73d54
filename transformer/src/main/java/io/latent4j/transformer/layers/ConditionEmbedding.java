package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.TimestepEmbedding;
import java.util.Optional;
import java.util.OptionalLong;

/** The time, and the guidance scale and a pooled text where the model takes them, as one vector a sample. */
public final class ConditionEmbedding extends NamedBlock {
    private final TimestepEmbedding timestepEmbedder;
    private final Optional<TimestepEmbedding> guidanceEmbedder;
    private final Optional<TimestepEmbedding> textEmbedder;

    /**
     * An embedding.
     *
     * @param width of the vector
     * @param guided whether it takes the guidance scale
     * @param pooled channels of the pooled text; empty where it takes none
     */
    public ConditionEmbedding(long width, boolean guided, OptionalLong pooled, boolean withBias) {
        timestepEmbedder = child("timestep_embedder", new TimestepEmbedding(Timesteps.CHANNELS, width, withBias));
        guidanceEmbedder = guided
                ? Optional.of(child("guidance_embedder", new TimestepEmbedding(Timesteps.CHANNELS, width, withBias)))
                : Optional.empty();
        textEmbedder = pooled.isPresent()
                ? Optional.of(child("text_embedder", new TimestepEmbedding(pooled.getAsLong(), width, withBias)))
                : Optional.empty();
    }

    /**
     * Embeds within the caller's scope.
     *
     * @param times one a sample, (N), from 0 to 1000
     * @param guidance one a sample, (N), a thousandfold
     * @param pooled the pooled text, (N, channels)
     * @return (N, width), of the type of {@code like}
     * @throws IllegalArgumentException if a guidance scale is given and not taken, or the other way round
     */
    public NDArray forward(
            Pass pass, NDArray times, Optional<NDArray> guidance, Optional<NDArray> pooled, NDArray like) {
        if (guidance.isPresent() != guidanceEmbedder.isPresent()) {
            throw new IllegalArgumentException(
                    guidance.isPresent()
                            ? "this transformer takes no guidance scale, but one was given"
                            : "this transformer takes the guidance scale (guidance_embeds), but none was given");
        }
        NDArray temb = timestepEmbedder.forward(pass, Timesteps.waves(times, like));
        if (guidance.isPresent()) {
            temb = temb.add(guidanceEmbedder.get().forward(pass, Timesteps.waves(guidance.get(), like)));
        }
        return textEmbedder.isPresent() ? temb.add(textEmbedder.get().forward(pass, pooled.orElseThrow())) : temb;
    }
}
