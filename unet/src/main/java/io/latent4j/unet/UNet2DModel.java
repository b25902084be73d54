package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.AttentionBlock;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.nn.SinusoidalEmbedding;
import io.latent4j.core.nn.TimestepEmbedding;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The unconditional UNet of DDPM (<a href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</a>, appendix B), which works
 * on pixels: a prediction from a noisy image and the time.
 */
public final class UNet2DModel extends NamedBlock {
    private static final String STEM = "diffusion_pytorch_model";

    private final UNet2DConfig config;
    private final SinusoidalEmbedding timeProj;
    private final TimestepEmbedding timeEmbedding;
    private final UNetBody body;

    public UNet2DModel(UNet2DConfig config) {
        this.config = config;
        int levels = config.blockOutChannels().size();
        int first = config.blockOutChannels().get(0);

        timeProj = new SinusoidalEmbedding(first, config.timeCosFirst(), config.timeFrequencyShift());
        timeEmbedding = child("time_embedding", new TimestepEmbedding(first, 4L * first));
        body = inline(new UNetBody(
                config.inChannels(),
                config.outChannels(),
                IntStream.range(0, levels)
                        .mapToObj(i -> level(i, config.attends().get(i)))
                        .toList(),
                level(levels - 1, config.midAttends()),
                IntStream.range(0, levels)
                        .mapToObj(i -> level(levels - 1 - i, config.attendsUp().get(i)))
                        .toList(),
                config.downsamplePadding()));
    }

    private Level level(int depth, boolean attends) {
        int channels = config.blockOutChannels().get(depth);
        int headChannels = config.headDim() == 0 ? channels : config.headDim();
        Supplier<SpatialAttention> attention = () -> SpatialAttention.toItself(new AttentionBlock(
                channels, channels / headChannels, headChannels, config.normGroups(), config.normEpsilon()));
        return new Level(
                channels,
                config.layersPerBlock(),
                4L * config.blockOutChannels().get(0),
                config.normGroups(),
                config.normEpsilon(),
                attends ? Optional.of(attention) : Optional.empty());
    }

    /**
     * Loads a model from the {@code unet} folder of a diffusers folder: {@code config.json} and the safetensors beside it.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static UNet2DModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        return load(folder, Optional.empty(), manager, precision);
    }

    /**
     * The same, of one variant of the weights.
     *
     * @param variant such as {@code fp16}; empty for the plain ones
     */
    public static UNet2DModel load(Path folder, Optional<String> variant, NDManager manager, Precision precision)
            throws IOException {
        UNet2DModel model = new UNet2DModel(UNet2DConfig.from(Config.read(folder.resolve("config.json"))));
        try (Checkpoint checkpoint =
                variant.isPresent() ? Checkpoint.open(folder, STEM, variant.get()) : Checkpoint.open(folder, STEM)) {
            model.load(checkpoint, manager, precision, Optional::of);
        }
        return model;
    }

    /** The shape of this model. */
    public UNet2DConfig config() {
        return config;
    }

    /**
     * Predicts.
     *
     * @param sample noisy images, (N, inChannels, H, W)
     * @param timesteps one time an image, (N), whole or not
     * @return (N, outChannels, H, W)
     */
    public NDArray forward(Pass pass, NDArray sample, NDArray timesteps) {
        return scoped(() -> {
            NDArray waves = Ops.castLike(timeProj.of(timesteps), sample);
            NDArray temb = timeEmbedding.forward(pass, waves);
            return body.forward(pass, sample, temb, temb, Optional.empty()); // attention to itself reads no context
        });
    }
}
