package io.latent4j.transformer.sd3;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The shape of an {@link SD3Transformer2DModel}.
 *
 * @param inChannels of the latents
 * @param outChannels of what it predicts
 * @param heads of each attention
 * @param headDim channels of one head
 * @param layers transformer blocks
 * @param dualAttentionLayers blocks in which the image attends to itself once more, from 0
 * @param normalizesHeads whether queries and keys are normalized (SD 3.5)
 * @param contextChannels of the text's hidden states
 * @param pooledChannels of the pooled text
 * @param patchSize height and width of a patch
 * @param maxPositions patches of a side that there are positions for
 * @param sampleSize latent height and width it was trained at
 */
public record SD3Transformer2DConfig(
        int inChannels,
        int outChannels,
        int heads,
        int headDim,
        int layers,
        Set<Integer> dualAttentionLayers,
        boolean normalizesHeads,
        int contextChannels,
        int pooledChannels,
        int patchSize,
        int maxPositions,
        int sampleSize) {
    private static final String QK_NORM = "qk_norm";

    public SD3Transformer2DConfig {
        dualAttentionLayers = Set.copyOf(dualAttentionLayers);
    }

    /**
     * Reads the {@code transformer/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static SD3Transformer2DConfig from(Config json) {
        int heads = json.integer("num_attention_heads", NetworkBounds.WIDTH, 18);
        int headDim = json.integer("attention_head_dim", NetworkBounds.WIDTH, 64);
        long width = (long) heads * headDim;
        json.requireWithin("caption_projection_dim", NetworkBounds.WIDTH);
        int caption = json.integer("caption_projection_dim", 1152);
        if (caption != width) {
            json.refuse(
                    "caption_projection_dim",
                    "is " + caption + "; expected " + width + ", num_attention_heads times attention_head_dim");
        }
        int layers = json.integer("num_layers", NetworkBounds.LAYERS, 18);
        List<Integer> dual = json.integers("dual_attention_layers", List.of());
        if (!dual.stream().allMatch(layer -> layer >= 0 && layer < layers)) {
            json.refuse("dual_attention_layers", "is " + dual + "; expected numbers from 0 to " + (layers - 1));
        }
        return new SD3Transformer2DConfig(
                json.integer("in_channels", NetworkBounds.WIDTH, 16),
                json.integer("out_channels", NetworkBounds.WIDTH, 16),
                heads,
                headDim,
                layers,
                Set.copyOf(dual),
                json.choice(QK_NORM, Map.of("rms_norm", true), false),
                json.integer("joint_attention_dim", NetworkBounds.WIDTH, 4096),
                json.integer("pooled_projection_dim", NetworkBounds.WIDTH, 2048),
                json.integer("patch_size", NetworkBounds.PATCH, 2),
                json.integer("pos_embed_max_size", Bounds.of(1, 1024), 96),
                json.integer("sample_size", NetworkBounds.SAMPLE_SIZE, 128));
    }

    /** Channels of a token. */
    public int width() {
        return heads * headDim;
    }
}
