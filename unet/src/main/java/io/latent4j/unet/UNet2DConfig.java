package io.latent4j.unet;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.NetworkBounds;
import java.util.List;

/**
 * The shape of a {@link UNet2DModel}.
 *
 * @param inChannels of the images
 * @param outChannels of what it predicts
 * @param blockOutChannels width of each level, from the finest
 * @param attends whether each level attends on the way down
 * @param attendsUp the same on the way up, from the coarsest level
 * @param midAttends whether the lowest resolution attends
 * @param headDim channels of an attention head, of which a level has as many as fit into its width; 0 for a single head of
 *     all channels
 * @param layersPerBlock residual blocks of a level on the way down
 * @param normGroups groups of every group normalization
 * @param normEpsilon of every group normalization
 * @param timeCosFirst whether cosines come first in the time embedding
 * @param timeFrequencyShift of the time embedding
 * @param downsamplePadding 1, or 0 to pad right and bottom only
 */
public record UNet2DConfig(
        int inChannels,
        int outChannels,
        List<Integer> blockOutChannels,
        List<Boolean> attends,
        List<Boolean> attendsUp,
        boolean midAttends,
        int headDim,
        int layersPerBlock,
        int normGroups,
        double normEpsilon,
        boolean timeCosFirst,
        double timeFrequencyShift,
        int downsamplePadding) {

    public UNet2DConfig {
        blockOutChannels = List.copyOf(blockOutChannels);
        attends = List.copyOf(attends);
        attendsUp = List.copyOf(attendsUp);
    }

    /**
     * Reads the {@code unet/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static UNet2DConfig from(Config json) {
        json.require("act_fn", "silu");
        json.require("mid_block_type", "UNetMidBlock2D");
        json.require("time_embedding_type", "positional");
        json.require("resnet_time_scale_shift", "default");
        json.require("downsample_type", "conv");
        json.require("upsample_type", "conv");
        json.require("mid_block_scale_factor", 1);
        json.requireFalse("center_input_sample");
        List.of("class_embed_type", "num_class_embeds", "attn_norm_num_groups", "time_embedding_dim")
                .forEach(json::requireAbsent);
        List<String> down = json.texts(
                "down_block_types", List.of("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"));
        List<String> up =
                json.texts("up_block_types", List.of("AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"));
        if (up.size() != down.size()) {
            throw json.bad(
                    "up_block_types",
                    "has " + Counted.of(up.size(), "entry") + ", expected " + down.size()
                            + ", as many as down_block_types");
        }
        List.of("in_channels", "out_channels", "attention_head_dim")
                .forEach(key -> json.requireWithin(key, NetworkBounds.WIDTH));
        json.requireWithin("layers_per_block", NetworkBounds.LAYERS_OF_A_LEVEL);
        json.requireWithin("norm_eps", NetworkBounds.EPSILON);
        json.requireWithin("freq_shift", Bounds.of(-1, 1));
        json.requireWithin("downsample_padding", Bounds.of(0, 1));
        List<Integer> widths = UNet2DConditionConfig.widths(json, down.size(), List.of(224, 448, 672, 896));
        List<Boolean> attends =
                UNet2DConditionConfig.attention(json, "down_block_types", down, "AttnDownBlock2D", "DownBlock2D");
        List<Boolean> attendsUp =
                UNet2DConditionConfig.attention(json, "up_block_types", up, "AttnUpBlock2D", "UpBlock2D");
        boolean midAttends = json.flag("add_attention", true);
        return new UNet2DConfig(
                json.integer("in_channels", 3),
                json.integer("out_channels", 3),
                widths,
                attends,
                attendsUp,
                midAttends,
                headDim(json, widths, attends, attendsUp, midAttends),
                json.integer("layers_per_block", 2),
                json.integer("norm_num_groups", 32),
                json.real("norm_eps", 1e-5),
                json.flag("flip_sin_to_cos", true),
                json.real("freq_shift", 0),
                json.integer("downsample_padding", 1));
    }

    /** Channels of a head, of which every level that attends has room for one at least. */
    private static int headDim(
            Config json, List<Integer> widths, List<Boolean> attends, List<Boolean> attendsUp, boolean midAttends) {
        if (json.isNull("attention_head_dim")) {
            return 0;
        }
        int headDim = json.integer("attention_head_dim", 8);
        int last = widths.size() - 1;
        for (int i = 0; i <= last; i++) {
            boolean used = attends.get(i) || attendsUp.get(last - i) || (midAttends && i == last);
            if (used && headDim > widths.get(i)) {
                throw json.bad(
                        "attention_head_dim",
                        "is " + headDim + "; expected at most " + widths.get(i) + ", the entry of block_out_channels");
            }
        }
        return headDim;
    }
}
