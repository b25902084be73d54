package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.ConfigJson;
import io.latent4j.core.nn.AttentionBlock;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.GroupNorm;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The unconditional UNet of DDPM (<a href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</a>, appendix B), which works
 * on pixels: a prediction from a noisy picture and the time.
 */
public final class UNet2DModel extends NamedBlock {
    private final UNet2DConfig config;
    private final SinusoidalEmbedding timeProj;
    private final Conv2d convIn;
    private final TimestepEmbedding timeEmbedding;
    private final List<DownBlock2D> downBlocks = new ArrayList<>();
    private final MidBlock2D midBlock;
    private final List<UpBlock2D> upBlocks = new ArrayList<>();
    private final GroupNorm convNormOut;
    private final Conv2d convOut;

    public UNet2DModel(UNet2DConfig config) {
        this.config = config;
        List<Integer> widths = config.blockOutChannels();
        int levels = widths.size();
        int first = widths.get(0);

        timeProj = new SinusoidalEmbedding(first, config.timeCosFirst(), config.timeFrequencyShift());
        timeEmbedding = child("time_embedding", new TimestepEmbedding(first, 4L * first));
        convIn = child("conv_in", Conv2d.same3x3(config.inChannels(), first));
        for (int i = 0; i < levels; i++) {
            Level level = level(i, config.attends().get(i));
            long in = i == 0 ? first : widths.get(i - 1);
            downBlocks.add(
                    child("down_blocks." + i, new DownBlock2D(level, in, i == levels - 1, config.downsamplePadding())));
        }
        midBlock = child("mid_block", new MidBlock2D(level(levels - 1, config.midAttends())));
        for (int i = 0; i < levels; i++) {
            int depth = levels - 1 - i;
            Level level = level(depth, config.attendsUp().get(i));
            long in = widths.get(Math.min(depth + 1, levels - 1));
            long skip = widths.get(Math.max(depth - 1, 0));
            upBlocks.add(child("up_blocks." + i, new UpBlock2D(level, in, skip, depth == 0)));
        }
        convNormOut = child("conv_norm_out", new GroupNorm(config.normGroups(), first, config.normEpsilon()));
        convOut = child("conv_out", Conv2d.same3x3(first, config.outChannels()));
    }

    private Level level(int depth, boolean attends) {
        int channels = config.blockOutChannels().get(depth);
        int heads = config.headDim() == 0 ? 1 : channels / config.headDim();
        Supplier<SpatialAttention> attention = () -> SpatialAttention.toItself(
                new AttentionBlock(channels, heads, config.normGroups(), config.normEpsilon()));
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
     * @param dataType the weights are converted to
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static UNet2DModel load(Path folder, NDManager manager, DataType dataType) throws IOException {
        UNet2DModel model = new UNet2DModel(UNet2DConfig.from(ConfigJson.read(folder.resolve("config.json"))));
        try (Checkpoint checkpoint = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            model.load(checkpoint, manager, dataType, Optional::of);
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
     * @param sample noisy pictures, (N, inChannels, H, W)
     * @param timesteps one time a picture, (N), whole or not
     * @return (N, outChannels, H, W)
     */
    public NDArray forward(Pass pass, NDArray sample, NDArray timesteps) {
        return scoped(() -> {
            NDArray waves = Ops.castLike(timeProj.of(timesteps), sample);
            NDArray temb = timeEmbedding.forward(pass, waves);
            Deque<NDArray> skips = new ArrayDeque<>();
            NDArray h = convIn.forward(pass, sample);
            skips.push(h);
            for (DownBlock2D block : downBlocks) {
                h = block.forward(pass, h, temb, temb, skips); // its attention reads no context
            }
            h = midBlock.forward(pass, h, temb, temb);
            for (UpBlock2D block : upBlocks) {
                h = block.forward(pass, h, temb, temb, skips);
            }
            return convOut.forwardNormalized(pass, convNormOut, h);
        });
    }
}
