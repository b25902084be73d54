package io.latent4j.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class UNetWorkTest {
    @Test
    void countsTheKnownWorkOfAGuidedStep() throws IOException {
        assertThat(2 * UNetWork.of(unet("sd15"), 64, 64, 77)).isCloseTo(1.607e12, within(0.001e12));
    }

    @Test
    void growsWithTheImageAndTheText() throws IOException {
        UNet2DConditionModel unet = unet("sdxl");
        double small = UNetWork.of(unet, 64, 64, 77);
        assertThat(UNetWork.of(unet, 128, 128, 77)).isGreaterThan(4 * small);
        assertThat(UNetWork.of(unet, 64, 64, 154)).isGreaterThan(small);
    }

    private static UNet2DConditionModel unet(String name) throws IOException {
        try (InputStream in = UNetWorkTest.class.getResourceAsStream(name + ".json")) {
            JsonObject json = JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getAsJsonObject();
            return new UNet2DConditionModel(UNet2DConditionConfig.from(Config.of(name, json.getAsJsonObject("unet"))));
        }
    }
}
