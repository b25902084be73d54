package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.config.Config;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.qwen.Qwen3Config;
import io.latent4j.textencoder.qwen.Qwen3TextModel;
import io.latent4j.textencoder.t5.T5Config;
import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.unet.ControlNetConfig;
import io.latent4j.unet.ControlNetModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.unet.UNet2DModel;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import io.latent4j.vae.AutoencoderKLFlux2;
import io.latent4j.vae.AutoencoderKLFlux2Config;
import io.latent4j.vae.AutoencoderTiny;
import io.latent4j.vae.AutoencoderTinyConfig;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** Any bytes as the {@code config.json} of every kind of network, whose tree is then built. */
class ComponentConfigFuzzTest {
    private static final int MOST_LAYERS = 100_000;

    private static final List<Function<Config, NamedBlock>> NETWORKS = List.of(
            config -> new UNet2DConditionModel(UNet2DConditionConfig.from(config)),
            config -> new ControlNetModel(ControlNetConfig.from(config)),
            config -> new UNet2DModel(UNet2DConfig.from(config)),
            config -> new AutoencoderKL(AutoencoderKLConfig.from(config)),
            config -> new AutoencoderKLFlux2(AutoencoderKLFlux2Config.from(config)),
            config -> new AutoencoderTiny(AutoencoderTinyConfig.from(config)),
            config -> new ClipTextModel(ClipTextConfig.from(config)),
            config -> new T5EncoderModel(T5Config.from(config)),
            config -> new Qwen3TextModel(Qwen3Config.from(config)));

    @FuzzTest
    void anyConfigMakesANetworkOrIsRefused(byte[] bytes) throws IOException {
        for (Function<Config, NamedBlock> network : NETWORKS) {
            Untrusted.file("config.json", bytes, path -> {
                NamedBlock built = network.apply(Config.read(path));
                assertThat(built.getParameters().size()).isBetween(1, MOST_LAYERS);
            });
        }
    }
}
