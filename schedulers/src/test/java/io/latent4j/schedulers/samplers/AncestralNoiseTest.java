package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.process.NoiseProcess;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import org.junit.jupiter.api.Test;

class AncestralNoiseTest {
    private static final NoiseProcess PROCESS =
            Runs.timetable(TimestepSpacing.LINSPACE).noise();

    private final NoiseLevel from = NoiseLevel.ofRatio(800, 4);
    private final NoiseLevel to = NoiseLevel.ofRatio(500, 2);

    @Test
    void fullNoiseGoesDownByTheSameFactorTwice() {
        assertThat(AncestralNoise.FULL.down(PROCESS, from, to).ratio()).isCloseTo(1, within(1e-12));
    }

    @Test
    void noNoiseGoesWhereTheStepGoes() {
        AncestralNoise none = new AncestralNoise(0, 1);
        assertThat(none.down(PROCESS, from, to).ratio()).isEqualTo(to.ratio());
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(1f);
            assertThat(none.up(PROCESS, x, none.down(PROCESS, from, to), to, () -> {
                        throw new AssertionError("noise drawn");
                    }))
                    .isSameAs(x);
        }
    }

    @Test
    void tooMuchNoiseIsAllThereIs() {
        assertThat(new AncestralNoise(5, 1).down(PROCESS, from, to).sigma()).isZero();
    }

    @Test
    void scalesTheFreshNoiseAlone() {
        NoiseLevel down = AncestralNoise.FULL.down(PROCESS, from, to);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(down.alpha());
            NDArray up = new AncestralNoise(1, 0.5).up(PROCESS, x, down, to, () -> manager.create(1.0));
            assertThat(up.getDouble() / to.alpha()).isCloseTo(1 + 0.5 * Math.sqrt(3), within(1e-9));
        }
    }

    @Test
    void readsEtaAndScaleFromTheFile() {
        assertThat(AncestralNoise.from(Runs.config(""))).isEqualTo(AncestralNoise.FULL);
        assertThat(AncestralNoise.from(Runs.config("\"eta\": 0.5, \"s_noise\": 1.01")))
                .isEqualTo(new AncestralNoise(0.5, 1.01));
    }

    @Test
    void refusesNegativeNoise() {
        assertThatThrownBy(() -> new AncestralNoise(-1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eta is -1.0; expected 0 or more, 1 as a rule");
        assertThatThrownBy(() -> new AncestralNoise(1, Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("s_noise is NaN; expected 0 to 1000, 1 as a rule");
    }
}
