package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A network that steers a UNet by an image (<a href="https://arxiv.org/abs/2302.05543">Zhang et al. 2023</a>): a copy of the
 * UNet's contracting half, which sees the control image too, and whose outputs are added to the UNet's.
 */
public final class ControlNetModel extends NamedBlock {
    private final ControlNetConfig config;
    private final TimeEmbedding time;
    private final ConditioningEmbedding embedding;
    private final Contraction contraction;
    private final List<Conv2d> downBlocks = new ArrayList<>();
    private final Conv2d midBlock;

    public ControlNetModel(ControlNetConfig config) {
        this.config = config;
        UNet2DConditionConfig half = config.contraction();
        List<Level> levels = half.levels();
        Level mid = half.mid();
        time = inline(new TimeEmbedding(half));
        embedding = child(
                "controlnet_cond_embedding",
                new ConditioningEmbedding(
                        config.conditioningChannels(),
                        config.embeddingChannels(),
                        levels.get(0).channels()));
        contraction = inline(new Contraction(half.inChannels(), levels, mid, UNet2DConditionModel.PADDING));
        for (long channels : Contraction.skipChannels(levels)) {
            downBlocks.add(child("controlnet_down_blocks." + downBlocks.size(), Conv2d.pointwise(channels, channels)));
        }
        midBlock = child("controlnet_mid_block", Conv2d.pointwise(mid.channels(), mid.channels()));
    }

    /**
     * Loads a model from a folder of its own: {@code config.json} and the safetensors beside it.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static ControlNetModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        ControlNetModel model = new ControlNetModel(ControlNetConfig.from(Config.read(folder.resolve("config.json"))));
        try (Checkpoint checkpoint = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            model.load(checkpoint, manager, precision, Optional::of);
        }
        return model;
    }

    /** The shape of this model. */
    public ControlNetConfig config() {
        return config;
    }

    /**
     * What control images become before the first step; it is the same for all steps.
     *
     * @param images (N, 3, H, W) in [0, 1], of the weights' data type
     * @return (N, C, H / f, W / f)
     */
    public NDArray hint(Pass pass, NDArray images) {
        return embedding.forward(pass, images);
    }

    /**
     * The residuals for a UNet with the same input.
     *
     * @param input without residuals and guidance scale
     * @param hint the result of {@link #hint}, one for each sample or one for all
     */
    public ControlResiduals forward(Pass pass, UNetInput input, NDArray hint) {
        NDArray temb = scoped(() -> time.forward(pass, input));
        Deque<NDArray> skips = new ArrayDeque<>();
        NDArray lowest = contraction.forward(pass, input.sample(), Optional.of(hint), temb, input.context(), skips);
        return new ControlResiduals(down(pass, skips), downBlocks.size(), Optional.of(midBlock.forward(pass, lowest)));
    }

    /**
     * The residuals for the finest {@code count} parts of a UNet's contracting half, for a UNet that computes no more: what
     * {@link #forward} has first.
     *
     * @param count from 1
     */
    public ControlResiduals shallow(Pass pass, UNetInput input, NDArray hint, int count) {
        NDArray temb = scoped(() -> time.forward(pass, input));
        Deque<NDArray> skips = new ArrayDeque<>();
        contraction.down(pass, input.sample(), Optional.of(hint), temb, input.context(), skips, count);
        return new ControlResiduals(down(pass, skips), downBlocks.size(), Optional.empty());
    }

    /** The residuals of {@code skips}, which are closed, the finest first. */
    private List<NDArray> down(Pass pass, Deque<NDArray> skips) {
        List<NDArray> down = new ArrayList<>();
        Iterator<NDArray> finestFirst = skips.descendingIterator();
        while (finestFirst.hasNext()) {
            try (NDArray skip = finestFirst.next()) {
                down.add(downBlocks.get(down.size()).forward(pass, skip));
            }
        }
        return down;
    }
}
