package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The text-conditioned UNet of Stable Diffusion 1, 2 and XL (<a href="https://arxiv.org/abs/2112.10752">Rombach et al.
 * 2021</a>; <a href="https://arxiv.org/abs/2307.01952">Podell et al. 2023</a>): what it predicts from noisy latents, the
 * time and a text. The scheduler interprets the prediction, as ε or v.
 */
public final class UNet2DConditionModel extends NamedBlock {
    /** One pixel on every side; the config refuses others. */
    static final int PADDING = 1;

    private static final String SELF_ATTENTION = ".attn1";

    private final UNet2DConditionConfig config;
    private final TimeEmbedding time;
    private final UNetBody body;

    public UNet2DConditionModel(UNet2DConditionConfig config) {
        this.config = config;
        time = inline(new TimeEmbedding(config));
        body = inline(new UNetBody(
                config.inChannels(), config.outChannels(), config.levels(), config.mid(), config.levelsUp(), PADDING));
    }

    /**
     * Loads a model from the {@code unet} folder of a diffusers folder: {@code config.json} and the safetensors beside it.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static UNet2DConditionModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static UNet2DConditionModel load(Config config, Checkpoint weights, NDManager manager, Precision precision)
            throws IOException {
        UNet2DConditionModel model = new UNet2DConditionModel(UNet2DConditionConfig.from(config));
        model.load(weights, manager, precision, Optional::of);
        return model;
    }

    /** The shape of this model. */
    public UNet2DConditionConfig config() {
        return config;
    }

    /**
     * The attention of images to themselves at {@code place} in this network: all below a name of the tree, such as
     * {@code mid_block}, {@code up_blocks.1} or {@code down_blocks.0.attentions.1}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public List<Attention> selfAttention(String place) {
        List<Attention> found = new ArrayList<>();
        Set<String> places = new TreeSet<>();
        visit((name, block) -> {
            if (block instanceof Attention attention && name.endsWith(SELF_ATTENTION)) {
                String parent = name.substring(0, name.length() - SELF_ATTENTION.length());
                if ((parent + ".").startsWith(place + ".")) {
                    found.add(attention);
                }
                places.add(parent.substring(0, parent.indexOf(".attentions.")));
            }
        });
        if (found.isEmpty()) {
            throw new IllegalArgumentException("the UNet has no self-attention at \"" + place + "\"; expected one of "
                    + String.join(", ", places) + ", or a name below one of them");
        }
        return found;
    }

    /**
     * Predicts.
     *
     * @return (N, outChannels, H, W)
     * @throws IllegalArgumentException if {@code input} has added conditions or a guidance scale that the config does not
     *     ask for, or lacks some that it asks for
     */
    public NDArray forward(Pass pass, UNetInput input) {
        return scoped(() -> {
            NDArray temb = scoped(() -> time.forward(pass, input));
            return body.forward(pass, input.sample(), temb, input.context(), input.control());
        });
    }
}
