package io.latent4j.unet;

import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.NetworkBounds;
import java.util.List;

/**
 * The shape of a {@link ControlNetModel}.
 *
 * @param contraction of the half that it shares with a UNet; what is said of the other half is ignored
 * @param conditioningChannels of the images that control
 * @param embeddingChannels widths of the network that makes the images as small as the latents: each but the first
 *     halves them
 */
public record ControlNetConfig(
        UNet2DConditionConfig contraction, int conditioningChannels, List<Integer> embeddingChannels) {

    public ControlNetConfig {
        embeddingChannels = List.copyOf(embeddingChannels);
    }

    /**
     * Reads the {@code config.json} of a ControlNet folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static ControlNetConfig from(Config json) {
        json.require("_class_name", "ControlNetModel");
        json.require("controlnet_conditioning_channel_order", "rgb");
        json.requireFalse("global_pool_conditions");
        json.requireWithin("conditioning_channels", NetworkBounds.WIDTH);
        json.requireWithin("conditioning_embedding_out_channels", NetworkBounds.WIDTH);
        List<Integer> widths = json.integers("conditioning_embedding_out_channels", List.of(16, 32, 96, 256));
        if (widths.isEmpty() || widths.size() > NetworkBounds.LEVELS) {
            throw json.bad(
                    "conditioning_embedding_out_channels",
                    "has " + Counted.of(widths.size(), "entry") + "; expected 1 to " + NetworkBounds.LEVELS);
        }
        return new ControlNetConfig(
                UNet2DConditionConfig.contraction(json), json.integer("conditioning_channels", 3), widths);
    }

    /** Whether it has the shape of a UNet's contracting half, which it then can steer, whatever channels the UNet takes. */
    public boolean steers(UNet2DConditionConfig unet) {
        return contraction.blockOutChannels().equals(unet.blockOutChannels())
                && contraction.layersPerBlock() == unet.layersPerBlock()
                && contraction.crossAttentionDim() == unet.crossAttentionDim()
                && contraction.textTime().equals(unet.textTime());
    }

    /** How many pixels of a control image's side make one of the latents'. */
    public int downscale() {
        return 1 << (embeddingChannels.size() - 1);
    }
}
