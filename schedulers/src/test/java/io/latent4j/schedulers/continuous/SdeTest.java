package io.latent4j.schedulers.continuous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SdeTest {
    private static final NoiseSchedule STABLE_DIFFUSION = NoiseSchedule.scaledLinear(1000, 0.00085, 0.012);

    static Stream<Sde> all() {
        return Stream.of(new VariancePreserving(), new VarianceExploding(0.01, 50), new ScheduledSde(STABLE_DIFFUSION));
    }

    /** d scale / dt = drift · scale, and d std² / dt = 2 · drift · std² + diffusion². */
    @ParameterizedTest
    @MethodSource("all")
    void marginalsFollowFromDriftAndDiffusion(Sde sde) {
        double h = 1e-5;
        for (double t : new double[] {0.0105, 0.3005, 0.9005}) {
            double scaleSlope = (sde.scale(t + h) - sde.scale(t - h)) / (2 * h);
            assertThat(scaleSlope).isCloseTo(sde.drift(t) * sde.scale(t), within(1e-6));
            double variance = sde.std(t) * sde.std(t);
            double varianceSlope = (sde.std(t + h) * sde.std(t + h) - sde.std(t - h) * sde.std(t - h)) / (2 * h);
            double expected = 2 * sde.drift(t) * variance + sde.diffusion(t) * sde.diffusion(t);
            assertThat(varianceSlope).isCloseTo(expected, within(1e-6 * Math.max(1, expected)));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void endsInNoiseOfThePriorsSpread(Sde sde) {
        assertThat(sde.std(1)).isCloseTo(sde.priorStd(), within(0.003 * sde.priorStd()));
        assertThat(sde.std(sde.earliest())).isLessThan(0.05);
        assertThat(sde.level(0.7).ratio()).isCloseTo(sde.std(0.7) / sde.scale(0.7), within(1e-9));
    }

    @Test
    void variancePreservationIsTheLinearScheduleInManySteps() {
        NoiseSchedule linear = NoiseSchedule.linear(1000, 0.0001, 0.02);
        for (int t : new int[] {100, 500, 900}) {
            NoiseLevel level = new VariancePreserving().level((t + 0.5) / 1000);
            assertThat(level.ratio()).isCloseTo(linear.level(t).ratio(), within(0.04 * level.ratio()));
        }
        assertThat(new VariancePreserving().level(1).timestep()).isEqualTo(999);
    }

    @Test
    void aScheduledOneTellsTheNetworkTheTimestepsItsLevelsAreOf() {
        ScheduledSde sde = new ScheduledSde(STABLE_DIFFUSION);
        double first = STABLE_DIFFUSION.level(0).lambda();
        double last = STABLE_DIFFUSION.level(999).lambda();
        for (int timestep : new int[] {0, 1, 500, 999}) {
            double t = (STABLE_DIFFUSION.level(timestep).lambda() - first) / (last - first);
            NoiseLevel level = sde.level(t);
            assertThat(level.timestep()).isCloseTo(timestep, within(1e-6));
            assertThat(level.alpha()).isCloseTo(STABLE_DIFFUSION.level(timestep).alpha(), within(1e-9));
        }
        assertThat(sde.timestep(0.5)).isBetween(1.0, 998.0).isNotEqualTo(Math.rint(sde.timestep(0.5)));
    }

    @Test
    void refusesWhatDoesNotRise() {
        assertThatThrownBy(() -> new VariancePreserving(20, 0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("beta goes from 20.0 to 0.1; expected to rise, from above 0");
        assertThatThrownBy(() -> new VarianceExploding(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sigma goes from 0.0 to 1.0; expected to rise, from above 0");
        NoiseSchedule stretched = STABLE_DIFFUSION.withZeroTerminalSnr();
        assertThatThrownBy(() -> new ScheduledSde(stretched))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("do not stretch it to zero terminal SNR");
    }
}
