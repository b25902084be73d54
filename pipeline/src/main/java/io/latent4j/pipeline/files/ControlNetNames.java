package io.latent4j.pipeline.files;

import io.latent4j.unet.ControlNetConfig;

/**
 * A control network's weights in the original layout: the UNet's contracting half, the network that reads the image
 * ({@code input_hint_block}, a list of convolutions with activations between them), and the convolutions that begin as
 * zeros.
 */
final class ControlNetNames extends OriginalNames {
    static final String PREFIX = "control_model.";

    ControlNetNames(ControlNetConfig config) {
        super(PREFIX);
        UNetNames.contraction(this, config.contraction());
        int blocks = 2 * (config.embeddingChannels().size() - 1);
        put("controlnet_cond_embedding.conv_in", "input_hint_block.0");
        for (int i = 0; i < blocks; i++) {
            put("controlnet_cond_embedding.blocks." + i, "input_hint_block." + 2 * (i + 1));
        }
        put("controlnet_cond_embedding.conv_out", "input_hint_block." + 2 * (blocks + 1));
        int levels = config.contraction().blockOutChannels().size();
        int skips = levels * (config.contraction().layersPerBlock() + 1);
        for (int i = 0; i < skips; i++) {
            put("controlnet_down_blocks." + i, "zero_convs." + i + ".0");
        }
        put("controlnet_mid_block", "middle_block_out.0");
    }
}
