package io.latent4j.transformer.pixart;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import java.util.List;

/**
 * The shape of a {@link PixArtTransformer2DModel}.
 *
 * @param inChannels of the latents
 * @param outChannels of what it predicts: twice the latents', of which the second half is a variance
 * @param heads of each attention
 * @param headDim channels of one head
 * @param layers transformer blocks
 * @param attentionBias whether queries, keys and values have biases
 * @param captionChannels of the text's hidden states
 * @param patchSize height and width of a patch
 * @param sampleSize latent height and width it was trained at
 * @param interpolationScale by how much its grid of positions was enlarged in training
 * @param normEpsilon of the blocks' normalizations
 */
public record PixArtTransformer2DConfig(
        int inChannels,
        int outChannels,
        int heads,
        int headDim,
        int layers,
        boolean attentionBias,
        int captionChannels,
        int patchSize,
        int sampleSize,
        double interpolationScale,
        double normEpsilon) {

    /**
     * Reads the {@code transformer/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static PixArtTransformer2DConfig from(Config json) {
        json.require("activation_fn", "gelu-approximate");
        json.require("norm_type", "ada_norm_single");
        json.require("attention_type", "default");
        List.of("norm_elementwise_affine", "upcast_attention").forEach(json::requireFalse);
        int sampleSize = json.integer("sample_size", Bounds.of(1, NetworkBounds.SAMPLE_SIZE.most()), 128);
        if (json.flag("use_additional_conditions", sampleSize == 128)) { // PixArt-α at 1024×1024
            json.refuse(
                    "use_additional_conditions",
                    "is true, or absent with a sample_size of 128; expected false, conditions on size and aspect ratio"
                            + " are not supported");
        }
        int heads = json.integer("num_attention_heads", NetworkBounds.WIDTH, 16);
        int headDim = json.integer("attention_head_dim", NetworkBounds.WIDTH, 72);
        int width = Math.multiplyExact(heads, headDim);
        if (width % 4 != 0 || !NetworkBounds.WIDTH.contain(width)) {
            json.refuse(
                    "attention_head_dim",
                    "makes " + width + " channels with num_attention_heads; expected a multiple of 4 up to "
                            + (int) NetworkBounds.WIDTH.most());
        }
        int context = json.integer("cross_attention_dim", NetworkBounds.WIDTH, 1152);
        if (context != width) {
            json.refuse(
                    "cross_attention_dim",
                    "is " + context + "; expected " + width + ", num_attention_heads times attention_head_dim");
        }
        return new PixArtTransformer2DConfig(
                json.integer("in_channels", NetworkBounds.WIDTH, 4),
                json.integer("out_channels", NetworkBounds.WIDTH, 8),
                heads,
                headDim,
                json.integer("num_layers", NetworkBounds.LAYERS, 28),
                json.flag("attention_bias", true),
                json.integer("caption_channels", NetworkBounds.WIDTH, 4096),
                json.integer("patch_size", NetworkBounds.PATCH, 2),
                sampleSize,
                json.real("interpolation_scale", Bounds.positive(1024), Math.max(sampleSize / 64, 1)),
                json.real("norm_eps", NetworkBounds.EPSILON, 1e-6));
    }

    /** Channels of a token. */
    public int width() {
        return heads * headDim;
    }
}
