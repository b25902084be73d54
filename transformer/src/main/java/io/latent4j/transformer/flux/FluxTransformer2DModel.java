package io.latent4j.transformer.flux;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TransformerOps;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.core.weights.OriginalLayout;
import io.latent4j.transformer.layers.ConditionEmbedding;
import io.latent4j.transformer.layers.HeadShape;
import io.latent4j.transformer.layers.Modulation;
import io.latent4j.transformer.layers.RotaryEmbedding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The transformer of FLUX.1: the velocity that it predicts from noisy latents, the time, a text and, where the model is
 * distilled from guided predictions, the guidance scale. Joint blocks (<a href="https://arxiv.org/abs/2403.03206">Esser et
 * al. 2024</a>) come first, then blocks of one sequence; positions are rotations (<a
 * href="https://arxiv.org/abs/2104.09864">Su et al. 2021</a>).
 */
public final class FluxTransformer2DModel extends NamedBlock implements OriginalLayout {
    static final double EPSILON = 1e-6;

    private static final double THETA = 10_000;
    private static final double THOUSAND = 1000;

    private final FluxTransformer2DConfig config;
    private final RotaryEmbedding rotary;
    private final ConditionEmbedding conditions;
    private final Linear contextEmbedder;
    private final Linear imageEmbedder;
    private final List<FluxBlock> blocks = new ArrayList<>();
    private final List<FluxSingleBlock> singleBlocks = new ArrayList<>();
    private final Modulation normOut;
    private final Linear projOut;

    public FluxTransformer2DModel(FluxTransformer2DConfig config) {
        this.config = config;
        long width = config.width();
        rotary = new RotaryEmbedding(config.axesDims(), THETA, false);
        conditions = child(
                "time_text_embed",
                new ConditionEmbedding(width, config.guidanceEmbeds(), OptionalLong.of(config.pooledChannels()), true));
        contextEmbedder = child("context_embedder", new Linear(config.contextChannels(), width));
        imageEmbedder = child("x_embedder", new Linear(config.inChannels(), width));
        HeadShape shape = HeadShape.sharing(config.heads(), config.headDim(), OptionalDouble.of(EPSILON));
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(child("transformer_blocks." + i, new FluxBlock(shape)));
        }
        for (int i = 0; i < config.singleLayers(); i++) {
            singleBlocks.add(child("single_transformer_blocks." + i, new FluxSingleBlock(shape)));
        }
        normOut = child("norm_out", new Modulation(width, 2));
        projOut = child("proj_out", new Linear(width, config.outChannels()));
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
    public static FluxTransformer2DModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static FluxTransformer2DModel load(Config config, Checkpoint weights, NDManager manager, Precision precision)
            throws IOException {
        FluxTransformer2DModel model = new FluxTransformer2DModel(FluxTransformer2DConfig.from(config));
        model.load(weights, manager, precision, Optional::of);
        return model;
    }

    /** The shape of this model. */
    public FluxTransformer2DConfig config() {
        return config;
    }

    @Override
    public List<OriginalLayer> originalLayers() {
        return FluxOriginalLayers.of(config);
    }

    @Override
    public List<OriginalLayer> adapterLayers() {
        return FluxOriginalLayers.ofProcessors(config);
    }

    /**
     * Predicts.
     *
     * @return packed as the latents are, (N, tokens, outChannels)
     * @throws IllegalArgumentException if there are not as many positions as tokens, or a guidance scale is given to a model
     *     that takes none, or none to one that does
     */
    public NDArray forward(Pass pass, FluxInput input) {
        long words = input.context().getShape().get(1);
        input.textPositions().require(words, "words");
        input.imagePositions().require(input.sample().getShape().get(1), "tokens of the image");
        return scoped(() -> {
            NDArray sample = input.sample();
            NDArray temb = scoped(() -> conditions.forward(
                    pass,
                    Ops.mul(input.timesteps(), THOUSAND),
                    input.guidance().map(scale -> Ops.mul(scale, THOUSAND)),
                    Optional.of(input.pooled()),
                    sample));
            NDArray table = rotary.table(input.textPositions().and(input.imagePositions()), sample);
            NDArray joint = scoped(() -> contextEmbedder
                    .forward(pass, input.context())
                    .concat(imageEmbedder.forward(pass, sample), 1)); // (N, words + tokens, C)
            NDArray first =
                    blocks.isEmpty() ? joint.duplicate() : blocks.get(0).forward(pass, joint, words, temb, table);
            NDArray image = pass.cache()
                    .afterFirst(joint, first, words, (from, rows) -> rest(pass, from, words, rows.apply(temb), table));
            NDList m = normOut.vectors(pass, temb); // scale and shift
            return projOut.forward(pass, TransformerOps.modulatedNorm(image, m.get(1), m.get(0), EPSILON));
        });
    }

    /** The image's tokens after all blocks but the first; closes {@code first}. */
    private NDArray rest(Pass pass, NDArray first, long words, NDArray temb, NDArray table) {
        NDArray joint = first;
        for (int i = 1; i < blocks.size(); i++) {
            NDArray before = joint;
            joint = blocks.get(i).forward(pass, before, words, temb, table);
            before.close();
        }
        for (FluxSingleBlock block : singleBlocks) {
            NDArray before = joint;
            joint = block.forward(pass, before, temb, table);
            before.close();
        }
        return joint.split(new long[] {words}, 1).get(1);
    }
}
