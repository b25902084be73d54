package io.latent4j.transformer.flux2;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.transformer.layers.RotaryEmbedding;
import io.latent4j.transformer.layers.Timesteps;
import java.util.List;

/**
 * The shape of a {@link Flux2Transformer2DModel}.
 *
 * @param inChannels of a token: 128, of 2×2 latents with 32 channels
 * @param outChannels of what it predicts for a token
 * @param heads of each attention
 * @param headDim channels of one head
 * @param layers joint blocks
 * @param singleLayers blocks in which text and image are one sequence
 * @param contextChannels of the text's hidden states
 * @param mlpRatio how many times as wide as a token the feed-forward layers are
 * @param guidanceEmbeds whether it takes the guidance scale
 * @param axesDims channels of a head that each axis of positions turns
 * @param theta of the rotations
 * @param normEpsilon of every normalization
 */
public record Flux2Transformer2DConfig(
        int inChannels,
        int outChannels,
        int heads,
        int headDim,
        int layers,
        int singleLayers,
        int contextChannels,
        double mlpRatio,
        boolean guidanceEmbeds,
        List<Integer> axesDims,
        double theta,
        double normEpsilon) {
    private static final Bounds LAYERS = Bounds.of(0, NetworkBounds.LAYERS.most());

    public Flux2Transformer2DConfig {
        axesDims = List.copyOf(axesDims);
    }

    /**
     * Reads the {@code transformer/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static Flux2Transformer2DConfig from(Config json) {
        json.require("patch_size", 1);
        json.require("timestep_guidance_channels", Timesteps.CHANNELS);
        int headDim = json.integer("attention_head_dim", NetworkBounds.WIDTH, 128);
        int in = json.integer("in_channels", NetworkBounds.WIDTH, 128);
        return new Flux2Transformer2DConfig(
                in,
                json.integer("out_channels", NetworkBounds.WIDTH, in),
                json.integer("num_attention_heads", NetworkBounds.WIDTH, 48),
                headDim,
                json.integer("num_layers", LAYERS, 8),
                json.integer("num_single_layers", LAYERS, 48),
                json.integer("joint_attention_dim", NetworkBounds.WIDTH, 15_360),
                json.real("mlp_ratio", Bounds.positive(64), 3),
                json.flag("guidance_embeds", true),
                RotaryEmbedding.axes(json, "axes_dims_rope", List.of(32, 32, 32, 32), headDim),
                json.real("rope_theta", Bounds.positive(), 2000),
                json.real("eps", NetworkBounds.EPSILON, 1e-6));
    }

    /** Channels of a token within the network. */
    public int width() {
        return heads * headDim;
    }

    /** Channels within a feed-forward layer. */
    long hidden() {
        return (long) (width() * mlpRatio);
    }
}
