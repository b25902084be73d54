package io.latent4j.transformer.flux2;

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
 * The transformer of FLUX.2: the velocity that it predicts from noisy latents, the time, a text, pictures to go by and, where
 * the model is distilled from guided predictions, the guidance scale. Its blocks are those of FLUX.1 without biases. What they
 * are told of the time is computed once for all blocks of a kind.
 */
public final class Flux2Transformer2DModel extends NamedBlock implements OriginalLayout {
    private static final double THOUSAND = 1000;

    private final Flux2Transformer2DConfig config;
    private final RotaryEmbedding rotary;
    private final ConditionEmbedding conditions;
    private final Modulation imageModulation;
    private final Modulation textModulation;
    private final Modulation singleModulation;
    private final Linear imageEmbedder;
    private final Linear contextEmbedder;
    private final List<Flux2Block> blocks = new ArrayList<>();
    private final List<Flux2SingleBlock> singleBlocks = new ArrayList<>();
    private final Modulation normOut;
    private final Linear projOut;

    public Flux2Transformer2DModel(Flux2Transformer2DConfig config) {
        this.config = config;
        long width = config.width();
        rotary = new RotaryEmbedding(config.axesDims(), config.theta(), false);
        conditions = child(
                "time_guidance_embed",
                new ConditionEmbedding(width, config.guidanceEmbeds(), OptionalLong.empty(), false));
        imageModulation = child("double_stream_modulation_img", new Modulation(width, Flux2Block.MODULATIONS, false));
        textModulation = child("double_stream_modulation_txt", new Modulation(width, Flux2Block.MODULATIONS, false));
        singleModulation =
                child("single_stream_modulation", new Modulation(width, Flux2SingleBlock.MODULATIONS, false));
        imageEmbedder = child("x_embedder", new Linear(config.inChannels(), width, false));
        contextEmbedder = child("context_embedder", new Linear(config.contextChannels(), width, false));
        HeadShape shape = HeadShape.sharing(config.heads(), config.headDim(), OptionalDouble.of(config.normEpsilon()))
                .withoutBias();
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(child("transformer_blocks." + i, new Flux2Block(config, shape)));
        }
        for (int i = 0; i < config.singleLayers(); i++) {
            singleBlocks.add(child("single_transformer_blocks." + i, new Flux2SingleBlock(config, shape)));
        }
        normOut = child("norm_out", new Modulation(width, 2, false));
        projOut = child("proj_out", new Linear(width, config.outChannels(), false));
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
    public static Flux2Transformer2DModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static Flux2Transformer2DModel load(
            Config config, Checkpoint weights, NDManager manager, Precision precision) throws IOException {
        Flux2Transformer2DModel model = new Flux2Transformer2DModel(Flux2Transformer2DConfig.from(config));
        model.load(weights, manager, precision, Optional::of);
        return model;
    }

    /** The shape of this model. */
    public Flux2Transformer2DConfig config() {
        return config;
    }

    @Override
    public List<OriginalLayer> originalLayers() {
        return Flux2OriginalLayers.of(config);
    }

    /**
     * Predicts.
     *
     * @return packed as the latents are, (N, tokens, outChannels)
     * @throws IllegalArgumentException if there are not as many positions as tokens, or a guidance scale is given to a model
     *     that takes none, or none to one that does
     */
    public NDArray forward(Pass pass, Flux2Input input) {
        long words = input.context().getShape().get(1);
        input.textPositions().require(words, "words");
        input.imagePositions().require(input.sample().getShape().get(1), "tokens of the image");
        return scoped(() -> {
            NDArray sample = input.sample();
            NDArray temb = scoped(() -> conditions.forward(
                    pass,
                    Ops.mul(input.timesteps(), THOUSAND),
                    input.guidance().map(scale -> Ops.mul(scale, THOUSAND)),
                    Optional.empty(),
                    sample));
            NDArray ofImage = imageModulation.forward(pass, temb);
            NDArray ofText = textModulation.forward(pass, temb);
            NDArray ofBoth = singleModulation.forward(pass, temb);
            NDArray table = rotary.table(input.textPositions().and(input.imagePositions()), sample);
            NDArray joint = scoped(() -> contextEmbedder
                    .forward(pass, input.context())
                    .concat(imageEmbedder.forward(pass, sample), 1)); // (N, words + tokens, C)
            NDArray first = blocks.isEmpty()
                    ? joint.duplicate()
                    : blocks.get(0).forward(pass, joint, words, ofImage, ofText, table);
            NDArray image = pass.cache().afterFirst(joint, first, words, (from, rows) -> {
                NDArray tokens = inStreams(pass, from, words, rows.apply(ofImage), rows.apply(ofText), table);
                return together(pass, tokens, rows.apply(ofBoth), table)
                        .split(new long[] {words}, 1)
                        .get(1);
            });
            NDList m = normOut.vectors(pass, temb); // scale and shift
            return projOut.forward(pass, TransformerOps.modulatedNorm(image, m.get(1), m.get(0), config.normEpsilon()));
        });
    }

    /** All tokens after the blocks of two streams but the first; closes {@code first}. */
    private NDArray inStreams(Pass pass, NDArray first, long words, NDArray ofImage, NDArray ofText, NDArray table) {
        NDArray joint = first;
        for (int i = 1; i < blocks.size(); i++) {
            NDArray before = joint;
            joint = blocks.get(i).forward(pass, before, words, ofImage, ofText, table);
            before.close();
        }
        return joint;
    }

    /** All tokens after the blocks of one stream; closes {@code tokens}. */
    private NDArray together(Pass pass, NDArray tokens, NDArray ofBoth, NDArray table) {
        NDArray joint = tokens;
        for (Flux2SingleBlock block : singleBlocks) {
            NDArray before = joint;
            joint = block.forward(pass, before, ofBoth, table);
            before.close();
        }
        return joint;
    }
}
