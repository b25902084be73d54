package io.latent4j.pipeline.files;

import io.latent4j.unet.UNet2DConditionConfig;

/**
 * The UNet's weights in the original layout, which numbers its blocks through: {@code input_blocks.n}, {@code
 * middle_block.n}, {@code output_blocks.n}, each a list of a residual block, attention and resampling.
 */
final class UNetNames extends OriginalNames {
    static final String PREFIX = "model.diffusion_model.";

    UNetNames(UNet2DConditionConfig config) {
        super(PREFIX);
        contraction(this, config);
        up(config);
        put("conv_norm_out", "out.0");
        put("conv_out", "out.2");
    }

    /** Names what a UNet has in common with a control network: the times, the way down and the middle. */
    static void contraction(OriginalNames names, UNet2DConditionConfig config) {
        names.put("conv_in", "input_blocks.0.0");
        names.put("time_embedding.linear_1", "time_embed.0");
        names.put("time_embedding.linear_2", "time_embed.2");
        names.put("add_embedding.linear_1", "label_emb.0.0");
        names.put("add_embedding.linear_2", "label_emb.0.2");
        down(names, config);
        resnet(names, "mid_block.resnets.0", "middle_block.0");
        names.put("mid_block.attentions.0", "middle_block.1");
        resnet(names, "mid_block.resnets.1", "middle_block.2");
    }

    private static void down(OriginalNames names, UNet2DConditionConfig config) {
        int levels = config.blockOutChannels().size();
        int n = 1;
        for (int i = 0; i < levels; i++) {
            String block = "down_blocks." + i;
            for (int j = 0; j < config.layersPerBlock(); j++, n++) {
                resnet(names, block + ".resnets." + j, "input_blocks." + n + ".0");
                if (config.attends().get(i)) {
                    names.put(block + ".attentions." + j, "input_blocks." + n + ".1");
                }
            }
            if (i < levels - 1) {
                names.put(block + ".downsamplers.0.conv", "input_blocks." + n + ".0.op");
                n++;
            }
        }
    }

    private void up(UNet2DConditionConfig config) {
        int levels = config.blockOutChannels().size();
        int n = 0;
        for (int i = 0; i < levels; i++) {
            String block = "up_blocks." + i;
            boolean attends = config.attendsUp().get(i);
            for (int j = 0; j <= config.layersPerBlock(); j++, n++) {
                resnet(this, block + ".resnets." + j, "output_blocks." + n + ".0");
                if (attends) {
                    put(block + ".attentions." + j, "output_blocks." + n + ".1");
                }
                if (j == config.layersPerBlock() && i < levels - 1) {
                    put(block + ".upsamplers.0.conv", "output_blocks." + n + (attends ? ".2.conv" : ".1.conv"));
                }
            }
        }
    }

    private static void resnet(OriginalNames names, String block, String original) {
        names.put(block + ".norm1", original + ".in_layers.0");
        names.put(block + ".conv1", original + ".in_layers.2");
        names.put(block + ".time_emb_proj", original + ".emb_layers.1");
        names.put(block + ".norm2", original + ".out_layers.0");
        names.put(block + ".conv2", original + ".out_layers.3");
        names.put(block + ".conv_shortcut", original + ".skip_connection");
    }
}
