package io.latent4j.vae;

import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.core.config.Shown;
import java.util.Collections;
import java.util.List;

/**
 * The shape of an {@link AutoencoderKL}.
 *
 * @param inChannels of the images
 * @param outChannels of the images that come back
 * @param blockOutChannels width of each level, from the finest
 * @param layersPerBlock residual blocks of a level in the encoder; the decoder has one more
 * @param latentChannels of the latents
 * @param normGroups groups of every group normalization
 * @param midAttends whether the lowest resolution attends to itself
 * @param quantConv whether a 1×1 convolution follows the encoder
 * @param postQuantConv whether a 1×1 convolution precedes the decoder
 * @param scalingFactor the diffusion model's latents are these latents, less the shift, times this
 * @param shiftFactor what is taken from these latents first: about their mean; 0 for most
 * @param forceUpcast whether it must run in float32 even when the rest of the model does not
 */
public record AutoencoderKLConfig(
        int inChannels,
        int outChannels,
        List<Integer> blockOutChannels,
        int layersPerBlock,
        int latentChannels,
        int normGroups,
        boolean midAttends,
        boolean quantConv,
        boolean postQuantConv,
        double scalingFactor,
        double shiftFactor,
        boolean forceUpcast)
        implements AutoencoderConfig {

    private static final String DOWN = "DownEncoderBlock2D";
    private static final String UP = "UpDecoderBlock2D";
    private static final int MOST_LEVELS = 8;

    public AutoencoderKLConfig {
        blockOutChannels = List.copyOf(blockOutChannels);
    }

    /**
     * Reads the {@code vae/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static AutoencoderKLConfig from(Config json) {
        json.require("act_fn", "silu");
        List.of("latents_mean", "latents_std").forEach(json::requireAbsent);
        List.of("in_channels", "out_channels", "block_out_channels", "latent_channels", "norm_num_groups")
                .forEach(key -> json.requireWithin(key, NetworkBounds.WIDTH));
        json.requireWithin("layers_per_block", NetworkBounds.LAYERS_OF_A_LEVEL);
        List<Integer> widths = json.integers("block_out_channels", List.of(64));
        int groups = json.integer("norm_num_groups", 32);
        if (widths.size() > MOST_LEVELS || widths.stream().anyMatch(width -> width % groups != 0)) {
            throw json.bad(
                    "block_out_channels",
                    "is " + Shown.values(widths) + "; expected at most " + MOST_LEVELS
                            + " multiples of norm_num_groups, " + groups);
        }
        double scalingFactor = json.real("scaling_factor", 0.18215);
        if (!(scalingFactor > 0 && scalingFactor < Double.POSITIVE_INFINITY)) {
            throw json.bad("scaling_factor", "is " + scalingFactor + "; expected more than 0");
        }
        double shiftFactor = json.real("shift_factor", 0);
        if (!Double.isFinite(shiftFactor)) {
            throw json.bad("shift_factor", "is " + shiftFactor + "; expected a finite number");
        }
        int levels = widths.size();
        requireEach(json, "down_block_types", DOWN, levels);
        requireEach(json, "up_block_types", UP, levels);
        return new AutoencoderKLConfig(
                json.integer("in_channels", 3),
                json.integer("out_channels", 3),
                widths,
                json.integer("layers_per_block", 1),
                json.integer("latent_channels", 4),
                groups,
                json.flag("mid_block_add_attention", true),
                json.flag("use_quant_conv", true),
                json.flag("use_post_quant_conv", true),
                scalingFactor,
                shiftFactor,
                json.flag("force_upcast", true));
    }

    private static void requireEach(Config json, String key, String type, int levels) {
        List<String> expected = Collections.nCopies(levels, type);
        List<String> types = json.texts(key, expected);
        if (!types.equals(expected)) {
            throw json.bad(
                    key,
                    "is " + Shown.values(types) + "; only " + Counted.of(levels, "time") + " \"" + type
                            + "\" is supported, one for each entry of block_out_channels");
        }
    }

    @Override
    public int downscale() {
        return 1 << (blockOutChannels.size() - 1);
    }
}
