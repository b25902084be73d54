package io.latent4j.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Names and shapes only: no test here loads an engine. */
class ControlNetModelKeysTest {
    private static final Path SD15 = Path.of("src/test/resources/manifests/sd15/config.json");

    @Test
    void isAsLargeAsThePublishedOneOfStableDiffusion1() throws IOException {
        ControlNetModel net = new ControlNetModel(ControlNetConfig.from(Config.of("config.json", config())));
        assertThat(net.parameterCount()).isEqualTo(361_279_120);
        assertThat(net.config().downscale()).isEqualTo(8);
        assertThat(net.shapes())
                .containsEntry("controlnet_cond_embedding.blocks.5.weight", new Shape(256, 96, 3, 3))
                .containsEntry("controlnet_down_blocks.11.bias", new Shape(1280))
                .containsEntry("controlnet_mid_block.weight", new Shape(1280, 1280, 1, 1))
                .doesNotContainKey("conv_out.weight");
    }

    @Test
    void namesWhatItDoesNotSupport() throws IOException {
        JsonObject bgr = config();
        bgr.addProperty("controlnet_conditioning_channel_order", "bgr");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ControlNetConfig.from(Config.of("config.json", bgr)))
                .withMessageContaining("controlnet_conditioning_channel_order is \"bgr\"");
    }

    /** The published network's settings: the UNet's, without its expanding half. */
    private static JsonObject config() throws IOException {
        JsonObject json = Config.read(SD15).json();
        json.addProperty("_class_name", "ControlNetModel");
        json.remove("up_block_types");
        return json;
    }
}
