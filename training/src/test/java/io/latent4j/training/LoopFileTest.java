package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LoopFileTest {

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
                .hasMessage("run.yaml: training: optimizer is lion; expected one of adamw, adafactor");
        assertThatThrownBy(() -> optimizer("{optimizer: adafactor, betas: [0.9, 0.99]}"))
                .hasMessage("run.yaml: training: betas is there; expected none, as optimizer is adafactor");
        assertThatThrownBy(() -> optimizer("{relative_rate: true}"))
                .hasMessage("run.yaml: training: relative_rate is there; expected none, as optimizer is adamw");
    }

    private static Optimizer.Settings optimizer(String training) {
        RunFile file = RunFile.parse("run.yaml", Path.of("."), "training: " + training);
        return LoopFile.read(file.section("training")).optimizer();
    }
}
