package io.latent4j.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import org.junit.jupiter.api.Test;

class LossScaleTest {
    @Test
    void isHalvedAtAnOverflowAndDoubledAfterManyGoodSteps() {
        LossScale scale = LossScale.FIRST.overflowed();
        assertThat(scale).isEqualTo(new LossScale(32768, 0));
        for (int i = 0; i < 1999; i++) {
            scale = scale.kept();
        }
        assertThat(scale).isEqualTo(new LossScale(32768, 1999));
        assertThat(scale.kept()).isEqualTo(new LossScale(65536, 0));
        assertThat(scale.overflowed()).isEqualTo(new LossScale(16384, 0));
    }

    @Test
    void staysWithinBounds() {
        assertThat(new LossScale(1 << 24, 1999).kept()).isEqualTo(new LossScale(1 << 24, 0));
        LossScale scale = LossScale.FIRST;
        for (int i = 0; i < 16; i++) {
            assertThat(scale.isExhausted()).isFalse();
            scale = scale.overflowed();
        }
        assertThat(scale.isExhausted()).isTrue();
    }

    @Test
    void isPartOfACheckpoint() {
        JsonObject state = new JsonObject();
        assertThat(LossScale.read(Config.of("state.json", state))).isEqualTo(LossScale.FIRST);
        new LossScale(8, 3).write(state);
        assertThat(LossScale.read(Config.of("state.json", state))).isEqualTo(new LossScale(8, 3));
    }
}
