package io.latent4j.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UNet2DModelTest {
    private static final String ATTENDING = "{'block_out_channels': [12, 36], 'norm_num_groups': 4,"
            + " 'layers_per_block': 1, 'down_block_types': ['DownBlock2D', 'AttnDownBlock2D'],"
            + " 'up_block_types': ['AttnUpBlock2D', 'UpBlock2D'], 'attention_head_dim': %s}";

    @ParameterizedTest
    @CsvSource({"8, 32", "36, 36", "20, 20", "null, 36"})
    void headsTakeAsManyChannelsAsFit(String headDim, long inner) {
        Map<String, Shape> shapes = new UNet2DModel(config(headDim)).shapes();

        for (String place : new String[] {"down_blocks.1", "mid_block", "up_blocks.0"}) {
            String attention = place + ".attentions.0.";
            assertThat(shapes)
                    .containsEntry(attention + "group_norm.weight", new Shape(36))
                    .containsEntry(attention + "to_q.weight", new Shape(inner, 36))
                    .containsEntry(attention + "to_v.bias", new Shape(inner))
                    .containsEntry(attention + "to_out.0.weight", new Shape(36, inner));
        }
    }

    @Test
    void predictsWithChannelsLeftOver() {
        try (NDManager manager = NDManager.newBaseManager()) {
            UNet2DModel unet = new UNet2DModel(config("8"));
            TorchRandom random = new TorchRandom(1);
            Map<String, Shape> shapes = unet.shapes();
            unet.load("random weights", shapes, key -> random.normal(manager, shapes.get(key)));
            NDArray sample = random.normal(manager, new Shape(2, 3, 4, 4));

            NDArray y = unet.forward(Pass.inference(), sample, manager.create(new float[] {3, 700}));

            assertThat(y.getShape()).isEqualTo(new Shape(2, 3, 4, 4));
            assertThat(y.abs().sum().getFloat()).isFinite().isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, attention_head_dim is 0; expected 1 to 65536",
        "37, 'attention_head_dim is 37; expected at most 36, the entry of block_out_channels'"
    })
    void refusesHeadsThatFitNowhere(String headDim, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(headDim))
                .withMessageStartingWith("unet/config.json: " + message);
    }

    private static UNet2DConfig config(String headDim) {
        String json = ATTENDING.formatted(headDim).replace('\'', '"');
        return UNet2DConfig.from(
                Config.of("unet/config.json", JsonParser.parseString(json).getAsJsonObject()));
    }
}
