package io.latent4j.schedulers.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.samplers.Runs;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/**
 * Whatever a settings file says, it is refused by one clear error or a run's steps are numbers. Run with
 * {@code JAZZER_FUZZ=1} this searches for new inputs; otherwise it tries the ones beside it.
 */
class SchedulerConfigFuzzTest {
    private static final String FILE = "scheduler_config.json";
    private static final int STEPS = 5;

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyConfigSamplesOrIsRefused(byte[] bytes) {
        JsonElement json;
        try {
            json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonParseException | NumberFormatException e) {
            return;
        }
        if (json.isJsonObject()) {
            try {
                Scheduler scheduler = Schedulers.from(SchedulerConfig.from(json.getAsJsonObject(), FILE));
                run(scheduler);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith(FILE + ": ");
            }
        }
    }

    /** A run, or at least its first and its last step. */
    static void run(Scheduler scheduler) {
        Plan plan;
        try {
            plan = scheduler.plan(STEPS);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("; ");
            return;
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray noise = Runs.noise(1).like(manager.zeros(new Shape(1, 1, 2, 2)));
            SamplerState state = SamplerState.start(plan.initialLatents(noise));
            while (state.index() < plan.steps()) {
                state = scheduler.step(plan, state, SchedulerConfigFuzzTest::predict, Runs.noise(2));
            }
            float[] values = state.latents().toFloatArray();
            assertThatCode(() -> assertFinite(values)).as("plan %s", plan).doesNotThrowAnyException();
        }
    }

    private static void assertFinite(float[] values) {
        for (float value : values) {
            assertThat(value).isFinite();
        }
    }

    /** Data of zeros only; the variance of a network that learned one. */
    private static Prediction predict(NDArray x, NoiseLevel at) {
        NDArray eps = at.sigma() == 0 ? x : x.div(at.sigma());
        return new Prediction(x.zerosLike(), eps, Optional.of(x.zerosLike()));
    }
}
