package io.latent4j.server.comfy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ComfySamplersTest {
    /** Of Stable Diffusion 1.5. */
    private static final SchedulerConfig CONFIG =
            SchedulerConfig.from(JsonParser.parseString("""
                            {"_class_name": "PNDMScheduler", "beta_end": 0.012, "beta_schedule": "scaled_linear",
                             "beta_start": 0.00085, "num_train_timesteps": 1000, "set_alpha_to_one": false,
                             "skip_prk_steps": true, "steps_offset": 1}
                            """).getAsJsonObject(), "scheduler_config.json");

    @Test
    void everyMethodThatIsOfferedIsMade() {
        for (String name : ComfySamplers.NAMES) {
            assertThat(ComfySamplers.spacings(name)).as(name).contains("normal");
            for (String spacing : ComfySamplers.spacings(name)) {
                ComfySamplers.Method method = ComfySamplers.of(name, spacing).orElseThrow();
                SchedulerConfig config = CONFIG;
                for (Map.Entry<String, String> setting : method.settings().entrySet()) {
                    config = config.withSetting(setting.getKey(), setting.getValue());
                }
                Scheduler scheduler = Schedulers.named(method.name(), config);
                assertThat(scheduler).as(name + " " + spacing).isNotNull();
            }
        }
    }
}
