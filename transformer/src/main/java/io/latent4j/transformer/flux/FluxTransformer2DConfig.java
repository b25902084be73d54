package io.latent4j.transformer.flux;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.transformer.layers.RotaryEmbedding;
import java.util.List;

/**
 * The shape of a {@link FluxTransformer2DModel}.
 *
 * @param inChannels of a token: 64, of 2×2 latents with 16 channels
 * @param outChannels of what it predicts for a token
 * @param heads of each attention
 * @param headDim channels of one head
 * @param layers joint blocks
 * @param singleLayers blocks in which text and image are one sequence
 * @param contextChannels of the text's hidden states
 * @param pooledChannels of the pooled text
 * @param guidanceEmbeds whether it takes the guidance scale
 * @param axesDims channels of a head that each axis of positions turns
 */
public record FluxTransformer2DConfig(
        int inChannels,
        int outChannels,
        int heads,
        int headDim,
        int layers,
        int singleLayers,
        int contextChannels,
        int pooledChannels,
        boolean guidanceEmbeds,
        List<Integer> axesDims) {
    private static final Bounds LAYERS = Bounds.of(0, NetworkBounds.LAYERS.most());

    public FluxTransformer2DConfig {
        axesDims = List.copyOf(axesDims);
    }

    /**
     * Reads the {@code transformer/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static FluxTransformer2DConfig from(Config json) {
        json.require("patch_size", 1);
        int headDim = json.integer("attention_head_dim", NetworkBounds.WIDTH, 128);
        int in = json.integer("in_channels", NetworkBounds.WIDTH, 64);
        return new FluxTransformer2DConfig(
                in,
                json.integer("out_channels", NetworkBounds.WIDTH, in),
                json.integer("num_attention_heads", NetworkBounds.WIDTH, 24),
                headDim,
                json.integer("num_layers", LAYERS, 19),
                json.integer("num_single_layers", LAYERS, 38),
                json.integer("joint_attention_dim", NetworkBounds.WIDTH, 4096),
                json.integer("pooled_projection_dim", NetworkBounds.WIDTH, 768),
                json.flag("guidance_embeds", false),
                RotaryEmbedding.axes(json, "axes_dims_rope", List.of(16, 56, 56), headDim));
    }

    /** Channels of a token within the network. */
    public int width() {
        return heads * headDim;
    }
}
