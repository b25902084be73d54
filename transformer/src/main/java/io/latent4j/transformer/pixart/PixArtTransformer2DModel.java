package io.latent4j.transformer.pixart;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.nn.TimestepEmbedding;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TransformerOps;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.transformer.layers.PatchEmbedding;
import io.latent4j.transformer.layers.PatchGrid;
import io.latent4j.transformer.layers.SinCosPositions;
import io.latent4j.transformer.layers.Timesteps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The transformer of PixArt-Σ (<a href="https://arxiv.org/abs/2403.04692">Chen et al. 2024</a>): what it predicts from noisy
 * latents, the time and a text, which is ε and a variance.
 *
 * <p>Limitations: PixArt-α's conditions on size and aspect ratio are not supported.
 */
public final class PixArtTransformer2DModel extends NamedBlock {
    /** What is added to the score of a token that does not count. */
    private static final double MASKED = -10_000;

    private static final double EPSILON = 1e-6;

    private final PixArtTransformer2DConfig config;
    private final SinCosPositions positions;
    private final TimestepEmbedding timestepEmbedder;
    private final Linear timeLinear;
    private final CaptionProjection captionProjection;
    private final PatchEmbedding patchEmbedding;
    private final Parameter scaleShiftTable;
    private final List<PixArtBlock> blocks = new ArrayList<>();
    private final Linear projOut;

    public PixArtTransformer2DModel(PixArtTransformer2DConfig config) {
        this.config = config;
        long width = config.width();
        int patch = config.patchSize();
        int base = config.sampleSize() / patch;
        positions = new SinCosPositions(config.width(), base, config.interpolationScale());
        timestepEmbedder =
                child("adaln_single.emb.timestep_embedder", new TimestepEmbedding(Timesteps.CHANNELS, width));
        timeLinear = child("adaln_single.linear", new Linear(width, 6 * width));
        captionProjection = child("caption_projection", new CaptionProjection(config.captionChannels(), width));
        patchEmbedding = child("pos_embed", new PatchEmbedding(config.inChannels(), width, patch));
        scaleShiftTable = parameter("scale_shift_table", Parameter.Type.WEIGHT, 2, width);
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(child("transformer_blocks." + i, new PixArtBlock(config)));
        }
        projOut = child("proj_out", new Linear(width, (long) patch * patch * config.outChannels()));
    }

    /**
     * Loads a model from the {@code transformer} folder of a diffusers folder: {@code config.json} and the safetensors beside
     * it.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static PixArtTransformer2DModel load(Path folder, NDManager manager, Precision precision)
            throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static PixArtTransformer2DModel load(
            Config config, Checkpoint weights, NDManager manager, Precision precision) throws IOException {
        PixArtTransformer2DModel model = new PixArtTransformer2DModel(PixArtTransformer2DConfig.from(config));
        model.load(weights, manager, precision, Optional::of);
        return model;
    }

    /** The shape of this model. */
    public PixArtTransformer2DConfig config() {
        return config;
    }

    /**
     * Predicts.
     *
     * @return (N, outChannels, H, W): ε in the first half of the channels, a variance in the second
     * @throws IllegalArgumentException if the latents' sides are no multiples of the patch size
     */
    public NDArray forward(Pass pass, PixArtInput input) {
        return scoped(() -> {
            NDArray sample = input.sample();
            PatchGrid grid = PatchGrid.of(sample, config.patchSize());
            NDArray temb = timestepEmbedder.forward(pass, Timesteps.waves(input.timesteps(), sample)); // (N, C)
            NDArray time = timeLinear.forward(pass, Ops.silu(temb)); // (N, 6C)
            NDArray context = captionProjection.forward(pass, input.context());
            Optional<NDArray> added = input.mask().map(PixArtTransformer2DModel::added);
            NDArray x = scoped(() -> patchEmbedding
                    .forward(pass, sample)
                    .add(Ops.castLike(positions.of(grid.height(), grid.width(), sample), sample)));
            NDArray first = blocks.get(0).forward(pass, x, context, time, added);
            NDArray last = pass.cache()
                    .afterFirst(
                            x,
                            first,
                            0,
                            (from, rows) -> rest(pass, from, rows.apply(context), rows.apply(time), added.map(rows)));
            NDArray table = pass.value(scaleShiftTable, sample).reshape(1, -1);
            NDList m = temb.concat(temb, 1).add(table).split(2, 1); // shift and scale, (N, C)
            return grid.image(projOut.forward(pass, TransformerOps.modulatedNorm(last, m.get(0), m.get(1), EPSILON)));
        });
    }

    /** The tokens after all blocks but the first; closes {@code first}. */
    private NDArray rest(Pass pass, NDArray first, NDArray context, NDArray time, Optional<NDArray> added) {
        NDArray x = first;
        for (PixArtBlock block : blocks.subList(1, blocks.size())) {
            NDArray before = x;
            x = block.forward(pass, before, context, time, added);
            before.close();
        }
        return x;
    }

    /** 0 for tokens that count, and for others what makes their weights vanish: (N, tokens) → (N, 1, 1, tokens). */
    private static NDArray added(NDArray mask) {
        return Ops.mul(mask.sub(mask.onesLike()), -MASKED)
                .reshape(mask.getShape().get(0), 1, 1, -1);
    }
}
