package io.latent4j.schedulers.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.schedulers.NoiseLevel;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoiseScheduleTest {
    private static final NoiseSchedule STABLE_DIFFUSION = NoiseSchedule.scaledLinear(1000, 0.00085, 0.012);

    @Test
    void endsWhereStableDiffusionDoes() {
        assertThat(STABLE_DIFFUSION.level(0).ratio()).isCloseTo(0.0291671, within(1e-6));
        assertThat(STABLE_DIFFUSION.level(999).ratio()).isCloseTo(14.6146469, within(1e-5));
    }

    @Test
    void keepsAlphaAndSigmaOnTheCircle() {
        NoiseSchedule cosine = NoiseSchedule.squaredCosine(1000);
        for (int t = 0; t < 1000; t++) {
            NoiseLevel level = cosine.level(t);
            assertThat(Math.hypot(level.alpha(), level.sigma())).isCloseTo(1, within(1e-7));
        }
    }

    @Test
    void getsNoisierWithEveryTimestep() {
        for (NoiseSchedule schedule : List.of(
                STABLE_DIFFUSION,
                NoiseSchedule.linear(1000, 1e-4, 0.02),
                NoiseSchedule.squaredCosine(1000),
                NoiseSchedule.sigmoid(1000, 1e-4, 0.02))) {
            for (int t = 1; t < 1000; t++) {
                assertThat(schedule.level(t).lambda())
                        .isLessThan(schedule.level(t - 1).lambda());
            }
        }
    }

    @Test
    void stretchesToNoSignalAtTheEndAndKeepsTheStart() {
        NoiseSchedule stretched = STABLE_DIFFUSION.withZeroTerminalSnr();
        assertThat(stretched.level(999).alpha()).isZero();
        assertThat(stretched.level(0).alpha())
                .isCloseTo(STABLE_DIFFUSION.level(0).alpha(), within(1e-6));
        assertThat(stretched.withTraceOfSignal().ratio(999.0)).isCloseTo(4096, within(1e-3));
    }

    @Test
    void findsTheTimestepOfARatio() {
        for (double t : new double[] {0, 0.25, 17, 500.5, 998.75, 999}) {
            assertThat(STABLE_DIFFUSION.timestep(STABLE_DIFFUSION.ratio(t))).isCloseTo(t, within(0.05));
        }
        assertThat(STABLE_DIFFUSION.timestep(1e-20)).isZero();
        assertThat(STABLE_DIFFUSION.timestep(1e6)).isEqualTo(999);
    }

    @Test
    void takesBetasAsTheyAre() {
        NoiseSchedule schedule = NoiseSchedule.ofBetas(List.of(0.5, 0.5));
        assertThat(schedule.timesteps()).isEqualTo(2);
        assertThat(schedule.level(1).alpha()).isCloseTo(0.5, within(1e-9));
    }

    /** The logistic curve of −6, 0 and 6 is 0.00247, 0.5 and 0.99753. */
    @Test
    void sigmoidRisesAlongTheLogisticCurve() {
        NoiseSchedule schedule = NoiseSchedule.sigmoid(3, 0, 0.2);
        assertThat(square(schedule.level(0).alpha())).isCloseTo(1 - 0.2 * 0.00247262, within(1e-6));
        assertThat(square(schedule.level(1).alpha() / schedule.level(0).alpha()))
                .isCloseTo(0.9, within(1e-6));
        assertThat(square(schedule.level(2).alpha() / schedule.level(1).alpha()))
                .isCloseTo(1 - 0.2 * 0.99752738, within(1e-6));
    }

    private static double square(double value) {
        return value * value;
    }

    @Test
    void refusesImpossibleBetas() {
        assertThatThrownBy(() -> NoiseSchedule.ofBetas(List.of(0.5, 1.5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("beta at timestep 1 is 1.5; expected above 0 and below 1");
        assertThatThrownBy(() -> NoiseSchedule.linear(0, 1e-4, 0.02))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the schedule has 0 timesteps; expected at least 1");
    }

    @Test
    void refusesTimestepsOutside() {
        assertThatThrownBy(() -> STABLE_DIFFUSION.level(1000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "timestep 1000 is outside the model's 0 to 999; take fewer steps or a smaller steps_offset");
    }

    @Test
    void refusesLevelsOffTheCircle() {
        assertThatThrownBy(() -> new NoiseLevel(0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha is 1.0 and sigma 1.0; expected none negative and alpha² + sigma² = 1,"
                        + " or alpha + sigma = 1 in a flow");
    }

    @Test
    void refusesToStretchASingleTimestep() {
        assertThatThrownBy(() -> NoiseSchedule.linear(1, 0.1, 0.2).withZeroTerminalSnr())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the schedule has 1 timestep; expected 2 or more to stretch it to zero terminal SNR");
    }

    @Test
    void refusesNoiseThatDoesNotGrow() {
        assertThatThrownBy(() -> NoiseSchedule.ofBetas(List.of(0.1, 1e-12)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "beta at timestep 1 is 1.0E-12, where the product of 1 - beta is 0.9 in 32 bits");
        assertThatThrownBy(() -> NoiseSchedule.linear(50, 0.9, 0.9999))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected betas that let it fall at each timestep, and end above 0");
    }

    @Test
    void findsTheTimestepOfEveryRatio() {
        NoiseSchedule schedule = NoiseSchedule.squaredCosine(1000);
        for (int t = 0; t < 1000; t++) {
            assertThat(schedule.timestep(schedule.ratio((double) t))).isCloseTo(t, within(1e-3));
        }
        assertThat(NoiseSchedule.linear(1, 0.1, 0.1).timestep(3)).isZero();
    }
}
