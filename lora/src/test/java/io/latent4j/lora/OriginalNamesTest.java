package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginalNamesTest {

    /** The blocks of a UNet with two layers a level, that attends where {@code attends} has a 1. */
    private static Set<String> blocks(String attends) {
        Set<String> blocks = new TreeSet<>();
        int last = attends.length() - 1;
        for (int i = 0; i <= last; i++) {
            blocks.add("down_blocks." + i);
            blocks.add("up_blocks." + i);
            for (int j = 0; j < 3; j++) {
                if (j < 2) {
                    blocks.add("down_blocks." + i + ".resnets." + j);
                }
                blocks.add("up_blocks." + i + ".resnets." + j);
                if (attends.charAt(i) == '1' && j < 2) {
                    blocks.add("down_blocks." + i + ".attentions." + j);
                }
                if (attends.charAt(last - i) == '1') {
                    blocks.add("up_blocks." + i + ".attentions." + j);
                }
            }
            if (i < last) {
                blocks.add("down_blocks." + i + ".downsamplers.0");
                blocks.add("up_blocks." + i + ".upsamplers.0");
            }
        }
        return blocks;
    }

    @ParameterizedTest
    @CsvSource({
        // Stable Diffusion 1
        "1110, conv_in, input_blocks.0.0",
        "1110, down_blocks.0.attentions.0.proj_in, input_blocks.1.1.proj_in",
        "1110, down_blocks.0.downsamplers.0.conv, input_blocks.3.0.op",
        "1110, down_blocks.2.attentions.1.transformer_blocks.0.ff.net.2, input_blocks.8.1.transformer_blocks.0.ff.net.2",
        "1110, down_blocks.3.resnets.1.conv2, input_blocks.11.0.out_layers.3",
        "1110, mid_block.attentions.0.proj_out, middle_block.1.proj_out",
        "1110, mid_block.resnets.1.conv1, middle_block.2.in_layers.2",
        "1110, up_blocks.0.upsamplers.0.conv, output_blocks.2.1.conv",
        "1110, up_blocks.1.attentions.0.proj_in, output_blocks.3.1.proj_in",
        "1110, up_blocks.1.upsamplers.0.conv, output_blocks.5.2.conv",
        "1110, up_blocks.3.attentions.2.proj_in, output_blocks.11.1.proj_in",
        "1110, up_blocks.3.resnets.2.conv_shortcut, output_blocks.11.0.skip_connection",
        // SDXL
        "011, down_blocks.0.resnets.1.time_emb_proj, input_blocks.2.0.emb_layers.1",
        "011, down_blocks.1.attentions.0.proj_in, input_blocks.4.1.proj_in",
        "011, down_blocks.2.attentions.1.proj_in, input_blocks.8.1.proj_in",
        "011, up_blocks.0.upsamplers.0.conv, output_blocks.2.2.conv",
        "011, up_blocks.1.attentions.0.proj_in, output_blocks.3.1.proj_in",
        "011, add_embedding.linear_1, label_emb.0.0",
        "011, conv_out, out.2",
    })
    void countsBlocksAsTheOriginalDoes(String attends, String name, String original) {
        assertThat(OriginalNames.of(blocks(attends)).of(name)).contains(original);
    }
}
