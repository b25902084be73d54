package io.latent4j.pipeline.files;

import io.latent4j.pipeline.files.Origin.Form;
import io.latent4j.vae.AutoencoderKLConfig;
import java.util.List;

/**
 * The autoencoder's weights in the original layout: attention is of 1×1 convolutions, and the decoder's levels count from
 * the finest, which runs last.
 */
final class AutoencoderNames extends OriginalNames {
    static final String PREFIX = "first_stage_model.";

    AutoencoderNames(AutoencoderKLConfig config) {
        super(PREFIX);
        int levels = config.blockOutChannels().size();
        for (int i = 0; i < levels; i++) {
            int fromFinest = levels - 1 - i;
            for (int j = 0; j <= config.layersPerBlock(); j++) {
                resnet("encoder.down_blocks." + i + ".resnets." + j, "encoder.down." + i + ".block." + j);
                resnet("decoder.up_blocks." + i + ".resnets." + j, "decoder.up." + fromFinest + ".block." + j);
            }
            put("encoder.down_blocks." + i + ".downsamplers.0.conv", "encoder.down." + i + ".downsample.conv");
            put("decoder.up_blocks." + i + ".upsamplers.0.conv", "decoder.up." + fromFinest + ".upsample.conv");
        }
        for (String side : List.of("encoder", "decoder")) {
            resnet(side + ".mid_block.resnets.0", side + ".mid.block_1");
            attention(side + ".mid_block.attentions.0", side + ".mid.attn_1");
            resnet(side + ".mid_block.resnets.1", side + ".mid.block_2");
            put(side + ".conv_norm_out", side + ".norm_out");
        }
    }

    private void resnet(String block, String original) {
        put(block, original);
        put(block + ".conv_shortcut", original + ".nin_shortcut");
    }

    private void attention(String block, String original) {
        put(block + ".group_norm", original + ".norm");
        projection(block + ".to_q", original + ".q");
        projection(block + ".to_k", original + ".k");
        projection(block + ".to_v", original + ".v");
        projection(block + ".to_out.0", original + ".proj_out");
    }

    private void projection(String block, String original) {
        put(block + ".weight", original + ".weight", Form.POINTWISE);
        put(block + ".bias", original + ".bias");
    }
}
