package io.latent4j.transformer.sd3;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.TransformerOps;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.core.weights.OriginalLayout;
import io.latent4j.transformer.layers.ConditionEmbedding;
import io.latent4j.transformer.layers.Modulation;
import io.latent4j.transformer.layers.PatchGrid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The transformer of Stable Diffusion 3 and 3.5 (MMDiT, <a href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>):
 * the velocity that it predicts from noisy latents, the time and texts.
 */
public final class SD3Transformer2DModel extends NamedBlock implements OriginalLayout {
    private static final double EPSILON = 1e-6;

    private final SD3Transformer2DConfig config;
    private final PositionedPatches patches;
    private final ConditionEmbedding conditions;
    private final Linear contextEmbedder;
    private final List<SD3Block> blocks = new ArrayList<>();
    private final Modulation normOut;
    private final Linear projOut;

    public SD3Transformer2DModel(SD3Transformer2DConfig config) {
        this.config = config;
        long width = config.width();
        patches = child("pos_embed", new PositionedPatches(config));
        conditions = child(
                "time_text_embed",
                new ConditionEmbedding(width, false, OptionalLong.of(config.pooledChannels()), true));
        contextEmbedder = child("context_embedder", new Linear(config.contextChannels(), width));
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(child("transformer_blocks." + i, new SD3Block(config, i)));
        }
        normOut = child("norm_out", new Modulation(width, 2));
        projOut = child(
                "proj_out", new Linear(width, (long) config.patchSize() * config.patchSize() * config.outChannels()));
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
    public static SD3Transformer2DModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static SD3Transformer2DModel load(Config config, Checkpoint weights, NDManager manager, Precision precision)
            throws IOException {
        SD3Transformer2DModel model = new SD3Transformer2DModel(SD3Transformer2DConfig.from(config));
        model.load(weights, manager, precision, Optional::of);
        return model;
    }

    /** The shape of this model. */
    public SD3Transformer2DConfig config() {
        return config;
    }

    @Override
    public List<OriginalLayer> originalLayers() {
        return SD3OriginalLayers.of(config);
    }

    /**
     * Predicts.
     *
     * @return (N, outChannels, H, W)
     * @throws IllegalArgumentException if the latents' sides are no multiples of the patch size or too long, or a block to
     *     skip does not exist
     */
    public NDArray forward(Pass pass, SD3Input input) {
        Set<Integer> skipped = input.skipLayers();
        if (!skipped.stream().allMatch(layer -> layer >= 0 && layer < blocks.size())) {
            throw new IllegalArgumentException(
                    "layers to skip are " + skipped + "; expected numbers from 0 to " + (blocks.size() - 1));
        }
        return scoped(() -> {
            NDArray sample = input.sample();
            PatchGrid grid = PatchGrid.of(sample, config.patchSize());
            NDArray temb = scoped(() ->
                    conditions.forward(pass, input.timesteps(), Optional.empty(), Optional.of(input.pooled()), sample));
            long words = input.context().getShape().get(1);
            NDArray joint = scoped(() -> contextEmbedder
                    .forward(pass, input.context())
                    .concat(patches.forward(pass, sample, grid), 1)); // (N, words + pixels, C)
            NDArray first =
                    skipped.contains(0) ? joint.duplicate() : blocks.get(0).forward(pass, joint, words, temb);
            NDArray image = pass.cache()
                    .afterFirst(
                            joint, first, words, (from, rows) -> rest(pass, from, words, rows.apply(temb), skipped));
            NDList m = normOut.vectors(pass, temb); // scale and shift
            return grid.image(projOut.forward(pass, TransformerOps.modulatedNorm(image, m.get(1), m.get(0), EPSILON)));
        });
    }

    /** The image's tokens after all blocks but the first; closes {@code first}. */
    private NDArray rest(Pass pass, NDArray first, long words, NDArray temb, Set<Integer> skipped) {
        NDArray joint = first;
        for (int i = 1; i < blocks.size(); i++) {
            if (!skipped.contains(i)) {
                NDArray before = joint;
                joint = blocks.get(i).forward(pass, before, words, temb);
                before.close();
            }
        }
        return skipped.contains(blocks.size() - 1)
                ? joint.split(new long[] {words}, 1).get(1)
                : joint;
    }
}
