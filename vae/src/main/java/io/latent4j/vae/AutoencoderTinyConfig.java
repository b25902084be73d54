package io.latent4j.vae;

import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.core.config.Shown;
import java.util.Collections;
import java.util.List;

/**
 * The shape of an {@link AutoencoderTiny}.
 *
 * @param channels of the images
 * @param latentChannels of the latents
 * @param width of every layer between images and latents
 * @param encoderBlocks residual blocks of each level of the encoder, from the finest; empty for an autoencoder that only
 *     decodes
 * @param decoderBlocks residual blocks of each level of the decoder, from the coarsest
 * @param scalingFactor the diffusion model's latents are these latents times this
 */
public record AutoencoderTinyConfig(
        int channels,
        int latentChannels,
        int width,
        List<Integer> encoderBlocks,
        List<Integer> decoderBlocks,
        double scalingFactor)
        implements AutoencoderConfig {
    private static final int MOST_LEVELS = 8;
    private static final List<Integer> ENCODER_BLOCKS = List.of(1, 3, 3, 3);
    private static final List<Integer> DECODER_BLOCKS = List.of(3, 3, 3, 1);
    private static final int WIDTH = 64;

    public AutoencoderTinyConfig {
        encoderBlocks = List.copyOf(encoderBlocks);
        decoderBlocks = List.copyOf(decoderBlocks);
    }

    /**
     * Reads the {@code config.json} of a diffusers folder; an absent key has diffusers' own default. An empty {@code
     * num_encoder_blocks} is an autoencoder that only decodes.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static AutoencoderTinyConfig from(Config json) {
        json.require("act_fn", "relu");
        json.require("upsample_fn", "nearest");
        List.of("in_channels", "out_channels", "latent_channels", "upsampling_scaling_factor")
                .forEach(key -> json.requireWithin(key, NetworkBounds.WIDTH));
        int channels = json.integer("in_channels", 3);
        if (json.integer("out_channels", 3) != channels) {
            throw json.bad(
                    "out_channels",
                    "is " + json.integer("out_channels", 3) + "; expected " + channels + ", the in_channels");
        }
        if (json.integer("upsampling_scaling_factor", 2) != 2) {
            throw json.bad("upsampling_scaling_factor", "is not 2, which alone is supported");
        }
        if (json.real("shift_factor", 0) != 0) {
            throw json.bad("shift_factor", "is " + json.real("shift_factor", 0) + "; only 0 is supported");
        }
        double scalingFactor = json.real("scaling_factor", 1);
        if (!(scalingFactor > 0 && scalingFactor < Double.POSITIVE_INFINITY)) {
            throw json.bad("scaling_factor", "is " + scalingFactor + "; expected more than 0");
        }
        List<Integer> encoderBlocks = json.integers("num_encoder_blocks", ENCODER_BLOCKS);
        List<Integer> decoderBlocks = json.integers("num_decoder_blocks", DECODER_BLOCKS);
        checkBlocks(json, "num_decoder_blocks", decoderBlocks);
        int width = width(json, "decoder_block_out_channels", decoderBlocks.size());
        if (!encoderBlocks.isEmpty()) {
            checkBlocks(json, "num_encoder_blocks", encoderBlocks);
            if (encoderBlocks.size() != decoderBlocks.size()) {
                throw json.bad(
                        "num_decoder_blocks",
                        "is " + decoderBlocks + "; expected as many levels as in num_encoder_blocks, " + encoderBlocks);
            }
            if (width(json, "encoder_block_out_channels", encoderBlocks.size()) != width) {
                throw json.bad(
                        "decoder_block_out_channels", "differs from encoder_block_out_channels; expected one width");
            }
        }
        return new AutoencoderTinyConfig(
                channels, json.integer("latent_channels", 4), width, encoderBlocks, decoderBlocks, scalingFactor);
    }

    private static void checkBlocks(Config json, String key, List<Integer> blocks) {
        json.requireWithin(key, NetworkBounds.LAYERS_OF_A_LEVEL);
        if (blocks.isEmpty() || blocks.size() > MOST_LEVELS) {
            throw json.bad(key, "is " + Shown.values(blocks) + "; expected 1 to " + MOST_LEVELS + " numbers");
        }
    }

    /** The one width of all levels, which the published files have. */
    private static int width(Config json, String key, int levels) {
        json.requireWithin(key, NetworkBounds.WIDTH);
        List<Integer> widths = json.integers(key, Collections.nCopies(levels, WIDTH));
        if (widths.size() != levels || widths.stream().distinct().count() != 1) {
            throw json.bad(
                    key,
                    "is " + Shown.values(widths) + "; only one width, " + Counted.of(levels, "time")
                            + ", is supported");
        }
        return widths.get(0);
    }

    @Override
    public int downscale() {
        return 1 << (decoderBlocks.size() - 1);
    }
}
