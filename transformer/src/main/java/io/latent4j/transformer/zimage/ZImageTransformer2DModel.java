package io.latent4j.transformer.zimage;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.OriginalLayer;
import io.latent4j.core.weights.OriginalLayout;
import io.latent4j.transformer.layers.PatchGrid;
import io.latent4j.transformer.layers.Positions;
import io.latent4j.transformer.layers.RotaryEmbedding;
import io.latent4j.transformer.layers.Timesteps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The transformer of Z-Image (S3-DiT, <a href="https://arxiv.org/abs/2511.22699">Z-Image Team 2025</a>): what it predicts
 * from noisy latents, the time and a caption. The caption and the image are refined each by themselves, and then go through
 * as one sequence. Both are filled up to multiples of {@value #MULTIPLE} tokens with learned ones, which are attended to.
 *
 * <p>Limitations: models that read pictures besides captions are not supported.
 */
public final class ZImageTransformer2DModel extends NamedBlock implements OriginalLayout {
    private static final long MULTIPLE = 32;
    private static final int AXES = 3;

    private final ZImageTransformer2DConfig config;
    private final RotaryEmbedding rotary;
    private final Linear imageEmbedder;
    private final FinalLayer finalLayer;
    private final List<ZImageBlock> noiseRefiner = new ArrayList<>();
    private final List<ZImageBlock> contextRefiner = new ArrayList<>();
    private final TimeMlp timeEmbedder;
    private final CaptionEmbedding captionEmbedder;
    private final Parameter imagePad;
    private final Parameter captionPad;
    private final List<ZImageBlock> layers = new ArrayList<>();

    public ZImageTransformer2DModel(ZImageTransformer2DConfig config) {
        this.config = config;
        int width = config.width();
        String patches = config.patches();
        long numbers = (long) config.patchSize() * config.patchSize() * config.channels();
        rotary = new RotaryEmbedding(config.axesDims(), config.theta(), true);
        imageEmbedder = child("all_x_embedder." + patches, new Linear(numbers, width));
        finalLayer = child("all_final_layer." + patches, new FinalLayer(config, numbers));
        for (int i = 0; i < config.refinerLayers(); i++) {
            noiseRefiner.add(child("noise_refiner." + i, new ZImageBlock(config, true)));
            contextRefiner.add(child("context_refiner." + i, new ZImageBlock(config, false)));
        }
        timeEmbedder = child("t_embedder", new TimeMlp(config.timeChannels()));
        captionEmbedder = child("cap_embedder", new CaptionEmbedding(config));
        imagePad = parameter("x_pad_token", Parameter.Type.WEIGHT, 1, width);
        captionPad = parameter("cap_pad_token", Parameter.Type.WEIGHT, 1, width);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(child("layers." + i, new ZImageBlock(config, true)));
        }
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
    public static ZImageTransformer2DModel load(Path folder, NDManager manager, Precision precision)
            throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static ZImageTransformer2DModel load(
            Config config, Checkpoint weights, NDManager manager, Precision precision) throws IOException {
        ZImageTransformer2DModel model = new ZImageTransformer2DModel(ZImageTransformer2DConfig.from(config));
        model.load(weights, manager, precision, Optional::of);
        return model;
    }

    /** The shape of this model. */
    public ZImageTransformer2DConfig config() {
        return config;
    }

    @Override
    public List<OriginalLayer> originalLayers() {
        return ZImageOriginalLayers.of(config);
    }

    /**
     * Predicts. Samples whose captions fill up to the same length go through together.
     *
     * @return (N, channels, H, W): data minus noise, the negative of what other flow models predict
     * @throws IllegalArgumentException if the latents' sides are no multiples of the patch size
     */
    public NDArray forward(Pass pass, ZImageInput input) {
        PatchGrid grid = PatchGrid.of(input.sample(), config.patchSize());
        Map<Long, List<Integer>> alike = new TreeMap<>(); // samples by the length of their captions
        for (int i = 0; i < input.captions().size(); i++) {
            long words = filled(input.captions().get(i).getShape().get(0));
            alike.computeIfAbsent(words, length -> new ArrayList<>()).add(i);
        }
        if (alike.size() == 1) {
            return scoped(() -> together(pass, input, grid));
        }
        return scoped(() -> {
            NDArray[] results = new NDArray[input.captions().size()];
            for (List<Integer> samples : alike.values()) {
                NDArray some = scoped(() -> together(pass, only(input, samples), grid));
                for (int i = 0; i < samples.size(); i++) {
                    results[samples.get(i)] = some.get(i + ":" + (i + 1));
                }
            }
            return NDArrays.concat(new NDList(results));
        });
    }

    private static ZImageInput only(ZImageInput input, List<Integer> samples) {
        return new ZImageInput(
                only(input.sample(), samples),
                only(input.timesteps(), samples),
                samples.stream().map(input.captions()::get).toList());
    }

    private static NDArray only(NDArray x, List<Integer> samples) {
        NDList some = new NDList();
        samples.forEach(i -> some.add(x.get(i + ":" + (i + 1))));
        return joined(some);
    }

    private NDArray together(Pass pass, ZImageInput input, PatchGrid grid) {
        NDArray sample = input.sample();
        long words = filled(input.captions().get(0).getShape().get(0));
        long tokens = filled(grid.tokens());
        Positions ofImage = Positions.grid(AXES, words + 1, grid.height(), grid.width())
                .and(Positions.zeros(AXES, tokens - grid.tokens()));
        Positions ofCaption = Positions.line(AXES, 0, 1, words);
        NDArray imageTable = rotary.table(ofImage, sample);
        NDArray captionTable = rotary.table(ofCaption, sample);
        NDArray temb = scoped(() ->
                timeEmbedder.forward(pass, Timesteps.waves(Ops.mul(input.timesteps(), config.timeScale()), sample)));
        NDArray image = scoped(() -> withPads(pass, imageEmbedder.forward(pass, grid.tokens(sample)), imagePad));
        for (ZImageBlock block : noiseRefiner) {
            NDArray before = image;
            image = block.forward(pass, before, temb, imageTable);
            before.close();
        }
        NDArray caption = scoped(() -> captions(pass, input.captions()));
        for (ZImageBlock block : contextRefiner) {
            NDArray before = caption;
            caption = block.forward(pass, before, captionTable);
            before.close();
        }
        NDArray both = image.concat(caption, 1); // (N, tokens + words, C)
        image.close();
        caption.close();
        NDArray table = imageTable.concat(captionTable, 0);
        for (ZImageBlock block : layers) {
            NDArray before = both;
            both = block.forward(pass, before, temb, table);
            before.close();
        }
        NDArray patches = both.split(new long[] {grid.tokens()}, 1).get(0);
        return grid.image(finalLayer.forward(pass, patches, temb));
    }

    /** The least multiple of {@value #MULTIPLE} that is not below {@code tokens}. */
    private static long filled(long tokens) {
        return (tokens + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
    }

    /** (words, captionChannels) each → (N, filled words, C). */
    private NDArray captions(Pass pass, List<NDArray> captions) {
        NDList all = new NDList();
        for (NDArray caption : captions) {
            all.add(withPads(pass, captionEmbedder.forward(pass, caption).expandDims(0), captionPad));
        }
        return joined(all);
    }

    /** Along the first axis. DJL's own copies a single array, and the copy has no gradient. */
    private static NDArray joined(NDList arrays) {
        return arrays.size() == 1 ? arrays.head() : NDArrays.concat(arrays);
    }

    /** Fills up with a learned token: (N, tokens, C) → (N, filled tokens, C). */
    private NDArray withPads(Pass pass, NDArray x, Parameter pad) {
        Shape shape = x.getShape();
        long missing = filled(shape.get(1)) - shape.get(1);
        if (missing == 0) {
            return x;
        }
        NDArray token = pass.value(pad, x).reshape(1, 1, -1);
        return x.concat(token.broadcast(new Shape(shape.get(0), missing, shape.get(2))), 1);
    }
}
