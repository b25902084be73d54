package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.core.config.Config;
import io.latent4j.training.Noting;
import io.latent4j.training.optimizer.Adafactor;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.Optimizer;
import io.latent4j.training.optimizer.RateSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoopPlanTest {
    private final List<String> notes = new ArrayList<>();

    private Optimizer.Settings optimizer(String yaml) {
        return settings(yaml).optimizer();
    }

    private TrainingLoop.Settings settings(String yaml) {
        LoopPlan read = LoopPlan.read(
                Config.parseYaml("run.yaml", Path.of("."), "training: " + yaml).section("training"));
        return read.on(() -> 7, new Noting(notes));
    }

    @Test
    void takesTheOptimizerThatIsNamed() {
        assertThat(optimizer("{}")).isEqualTo(AdamW.Settings.DEFAULT);
        assertThat(optimizer("{optimizer: adamw, betas: [0.8, 0.9], epsilon: 1e-6, weight_decay: 0}"))
                .isEqualTo(new AdamW.Settings(0.8, 0.9, 1e-6, 0));
        assertThat(optimizer("{optimizer: adafactor}")).isEqualTo(Adafactor.Settings.DEFAULT);
        assertThat(optimizer("{optimizer: adafactor, relative_rate: true, weight_decay: 0.1}"))
                .isEqualTo(new Adafactor.Settings(1e-30, 1, true, 0.1));
    }

    @Test
    void refusesWhatTheOptimizerHasNot() {
        assertThatThrownBy(() -> optimizer("{optimizer: lion}"))
                .hasMessage("run.yaml: training: optimizer is \"lion\"; expected one of adamw, adafactor");
        assertThatThrownBy(() -> optimizer("{optimizer: adafactor, betas: [0.9, 0.99]}"))
                .hasMessage("run.yaml: training: betas is [0.9,0.99]; expected none, as optimizer is adafactor");
        assertThatThrownBy(() -> optimizer("{relative_rate: true}"))
                .hasMessage("run.yaml: training: relative_rate is true; expected none, as optimizer is adamw");
    }

    @Test
    void stepsFollowFromEpochs() {
        RateSchedule rate = settings("{epochs: 3, accumulate: 2, warmup: 5, rate: 1e-3, rate_schedule: polynomial}")
                .rate();
        assertThat(rate.steps()).isEqualTo(11); // 21 batches, two a step
        assertThat(rate.warmUp()).isEqualTo(5);
        assertThat(rate.shape()).isEqualTo(new RateSchedule.Polynomial(2));
        assertThat(notes).containsExactly("3 times through all images takes 11 steps");
        assertThat(settings("{}").rate().steps()).isEqualTo(10_000);
    }

    @Test
    void readsSchedules() {
        RateSchedule rate = settings("{rate_schedule: cosine_restarts, cycles: 3, min_rate: 1e-6}")
                .rate();
        assertThat(rate.shape()).isEqualTo(new RateSchedule.Cosine(3));
        assertThat(rate.least()).isEqualTo(1e-6);
        assertThat(settings("{rate_schedule: linear}").rate().shape()).isEqualTo(RateSchedule.Shape.LINEAR);
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        Map.of(
                        "{epochs: 3, steps: 100}", "epochs is 3; expected none beside steps",
                        "{epochs: 1, warmup: 8}", "warmup is 8; expected 0 to steps, 7",
                        "{rate_schedule: cosine, cycles: 2}", "cycles is 2; expected none, as rate_schedule is cosine",
                        "{power: 2}", "power is 2; expected none, as rate_schedule is constant",
                        "{min_rate: 1e-6}", "min_rate is 1.0E-6; expected none, as rate_schedule is constant",
                        "{rate_schedule: step}", "rate_schedule is \"step\"; expected one of constant, linear, cosine,")
                .forEach((yaml, message) -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> settings(yaml))
                        .withMessageContaining(message));
    }
}
