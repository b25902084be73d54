package io.latent4j.vae;

import io.latent4j.core.config.Config;
import java.util.List;

/**
 * The shape of an {@link AutoencoderKLFlux2}.
 *
 * @param base of the network itself, whose latents become patches
 * @param normEpsilon added to the variance of a channel
 */
public record AutoencoderKLFlux2Config(AutoencoderKLConfig base, double normEpsilon) implements AutoencoderConfig {
    /** The side of a patch, in latents of the network. */
    static final int PATCH = 2;

    /**
     * Reads the {@code vae/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static AutoencoderKLFlux2Config from(Config json) {
        List.of("shift_factor", "scaling_factor", "decoder_block_out_channels").forEach(json::requireAbsent);
        List<Integer> patch = json.integers("patch_size", List.of(PATCH, PATCH));
        if (!patch.equals(List.of(PATCH, PATCH))) {
            throw json.bad("patch_size", "is " + patch + "; only [2, 2] is supported");
        }
        double epsilon = json.real("batch_norm_eps", 1e-4);
        if (!(epsilon > 0 && epsilon < 1)) {
            throw json.bad("batch_norm_eps", "is " + epsilon + "; expected more than 0 and less than 1");
        }
        return new AutoencoderKLFlux2Config(AutoencoderKLConfig.from(json), epsilon);
    }

    /** How many pixels of an image's side make one of a patch: 16. */
    @Override
    public int downscale() {
        return PATCH * base.downscale();
    }

    /** Channels of a patch: 128. */
    @Override
    public int latentChannels() {
        return PATCH * PATCH * base.latentChannels();
    }

    /** Patches are brought to unit variance channel by channel, not by one factor. */
    @Override
    public double scalingFactor() {
        return 1;
    }
}
