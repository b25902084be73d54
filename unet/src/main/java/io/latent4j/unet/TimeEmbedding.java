package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.SinusoidalEmbedding;
import io.latent4j.core.nn.TimestepEmbedding;
import io.latent4j.core.ops.Ops;
import java.util.Optional;
import java.util.OptionalDouble;

/** Embeds the time, SDXL's added conditions and the guidance scale, where the model takes them, as one vector a sample. */
final class TimeEmbedding extends NamedBlock {
    private final UNet2DConditionConfig config;
    private final SinusoidalEmbedding timeProj;
    private final Optional<Linear> condProj;
    private final TimestepEmbedding timeEmbedding;
    private final Optional<TimestepEmbedding> addEmbedding;

    TimeEmbedding(UNet2DConditionConfig config) {
        this.config = config;
        int first = config.blockOutChannels().get(0);
        int channels = 4 * first;
        timeProj = new SinusoidalEmbedding(first, config.timeCosFirst(), config.timeFrequencyShift());
        condProj = config.takesGuidance()
                ? Optional.of(child("time_embedding.cond_proj", new Linear(config.guidanceDim(), first, false)))
                : Optional.empty();
        timeEmbedding = child("time_embedding", new TimestepEmbedding(first, channels));
        addEmbedding = config.textTime()
                .map(added -> child("add_embedding", new TimestepEmbedding(added.inputDim(), channels)));
    }

    /**
     * Embeds within the caller's scope.
     *
     * @return (N, 4 · blockOutChannels[0]), of the sample's data type
     */
    NDArray forward(Pass pass, UNetInput input) {
        Optional<AddedConditions> added = input.added();
        OptionalDouble guidanceScale = input.guidanceScale();
        NDArray like = input.sample();
        if (added.isPresent() != addEmbedding.isPresent()) {
            throw new IllegalArgumentException(
                    added.isPresent()
                            ? "this UNet takes no added conditions, but a pooled text and sizes were given"
                            : "this UNet takes a pooled text and sizes (addition_embed_type text_time), but none were"
                                    + " given");
        }
        if (guidanceScale.isPresent() != condProj.isPresent()) {
            throw new IllegalArgumentException(
                    guidanceScale.isPresent()
                            ? "this UNet takes no guidance scale, but one was given"
                            : "this UNet takes the guidance scale (time_cond_proj_dim), but none was given");
        }
        NDArray waves = Ops.castLike(timeProj.of(input.timesteps()), like);
        NDArray told = condProj.map(p -> waves.add(p.forward(pass, guidance(guidanceScale.getAsDouble(), like))))
                .orElse(waves);
        NDArray temb = timeEmbedding.forward(pass, told);
        return added.map(conditions -> {
                    NDArray numbers = conditions.timeIds(); // (N, 6)
                    NDArray embedded = new SinusoidalEmbedding(
                                    config.textTime().orElseThrow().timeEmbedDim(),
                                    config.timeCosFirst(),
                                    config.timeFrequencyShift())
                            .of(numbers.flatten())
                            .reshape(numbers.getShape().get(0), -1);
                    NDArray all = NDArrays.concat(new NDList(conditions.textEmbeds(), Ops.castLike(embedded, like)), 1);
                    return temb.add(addEmbedding.orElseThrow().forward(pass, all));
                })
                .orElse(temb);
    }

    /** w = scale - 1, a thousandfold, as waves: (1, guidanceDim). */
    private NDArray guidance(double scale, NDArray like) {
        NDArray w = like.getManager().create(new float[] {(float) ((scale - 1) * 1000)});
        return Ops.castLike(new SinusoidalEmbedding(config.guidanceDim(), false, 1).of(w), like);
    }
}
