package io.latent4j.lora;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a UNet's layers are called in the code Stable Diffusion came with ({@code input_blocks.4.1} and the like). The
 * numbers count residual blocks and changes of size on the way down and up, so they follow from the tree alone.
 */
final class OriginalNames {
    private static final Map<String, String> IN_RESNET = Map.of(
            "norm1", "in_layers.0",
            "conv1", "in_layers.2",
            "time_emb_proj", "emb_layers.1",
            "norm2", "out_layers.0",
            "conv2", "out_layers.3",
            "conv_shortcut", "skip_connection");

    private final Set<String> blocks;
    private final Map<String, String> prefixes = new HashMap<>();

    private OriginalNames(Set<String> blocks) {
        this.blocks = blocks;
        prefixes.put("conv_in", "input_blocks.0.0");
        prefixes.put("time_embedding.linear_1", "time_embed.0");
        prefixes.put("time_embedding.linear_2", "time_embed.2");
        prefixes.put("add_embedding.linear_1", "label_emb.0.0");
        prefixes.put("add_embedding.linear_2", "label_emb.0.2");
        prefixes.put("conv_norm_out", "out.0");
        prefixes.put("conv_out", "out.2");
        down();
        resnet("mid_block.resnets.0", "middle_block.0");
        prefixes.put("mid_block.attentions.0", "middle_block.1");
        resnet("mid_block.resnets.1", "middle_block.2");
        up();
    }

    /** The names in a tree with these blocks. */
    static OriginalNames of(Set<String> blocks) {
        return new OriginalNames(blocks);
    }

    private void down() {
        int block = 1;
        for (int i = 0; blocks.contains("down_blocks." + i); i++) {
            String level = "down_blocks." + i;
            for (int j = 0; blocks.contains(level + ".resnets." + j); j++) {
                attendingResnet(level, j, "input_blocks." + block);
                block++;
            }
            if (blocks.contains(level + ".downsamplers.0")) {
                prefixes.put(level + ".downsamplers.0.conv", "input_blocks." + block + ".0.op");
                block++;
            }
        }
    }

    private void up() {
        int block = 0;
        for (int i = 0; blocks.contains("up_blocks." + i); i++) {
            String level = "up_blocks." + i;
            for (int j = 0; blocks.contains(level + ".resnets." + j); j++) {
                attendingResnet(level, j, "output_blocks." + block);
                block++;
            }
            int place = blocks.contains(level + ".attentions.0") ? 2 : 1;
            prefixes.put(level + ".upsamplers.0", "output_blocks." + (block - 1) + "." + place);
        }
    }

    private void attendingResnet(String level, int j, String original) {
        resnet(level + ".resnets." + j, original + ".0");
        prefixes.put(level + ".attentions." + j, original + ".1");
    }

    private void resnet(String name, String original) {
        IN_RESNET.forEach((ours, theirs) -> prefixes.put(name + "." + ours, original + "." + theirs));
    }

    /** The original name of a block of the tree: that of the longest known prefix, and the rest as it is. */
    Optional<String> of(String name) {
        for (int end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
            String original = prefixes.get(name.substring(0, end));
            if (original != null) {
                return Optional.of(original + name.substring(end));
            }
        }
        return Optional.empty();
    }
}
