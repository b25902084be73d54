package io.latent4j.spring.autoconfigure;

import ai.djl.Device;
import io.latent4j.pipeline.model.Devices;
import io.latent4j.pipeline.model.Placement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where models are and where they run.
 *
 * @param models where models are, by the names that options have for them: a folder, a file, or a name on the hub
 * @param adaptersFolder the folder of adapters, which options name by their files' names without the ending
 * @param device auto, cpu, cuda or cuda:N
 * @param precision the numbers that are computed with: auto, float32, float16 or bfloat16
 * @param weights the numbers that weights are stored in: auto, float32, float16 or bfloat16
 * @param lowMemory whether each part of a model is in memory only while it is used
 * @param preload whether the default model is opened when the application starts, and not by the first prompt
 * @param mostWaiting how many prompts may wait for the one that runs; more are refused
 * @param shutdownGrace how long the prompt that runs may go on when the application ends
 */
@ConfigurationProperties(Latent4jProperties.PREFIX)
public record Latent4jProperties(
        @DefaultValue Map<String, String> models,
        @Nullable Path adaptersFolder,
        @DefaultValue("auto") String device,
        @DefaultValue("auto") String precision,
        @DefaultValue("auto") String weights,
        @DefaultValue("false") boolean lowMemory,
        @DefaultValue("false") boolean preload,
        @DefaultValue("16") int mostWaiting,
        @DefaultValue("10s") Duration shutdownGrace) {
    static final String PREFIX = "spring.ai.latent4j";

    public Latent4jProperties {
        models = Map.copyOf(models);
    }

    Placement placement() {
        Device on = Devices.named(device);
        Placement placement = new Placement(on, Devices.precision(weights, precision, on));
        return lowMemory ? placement.offloaded() : placement;
    }
}
