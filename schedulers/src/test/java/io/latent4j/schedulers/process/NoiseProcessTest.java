package io.latent4j.schedulers.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import org.junit.jupiter.api.Test;

class NoiseProcessTest {
    private final NoiseProcess process = NoiseSchedule.scaledLinear(1000, 0.00085, 0.012);
    private final NoiseLevel from = NoiseLevel.ofRatio(800, 4);
    private final NoiseLevel to = NoiseLevel.ofRatio(500, 2);

    @Test
    void oneStepIsTheSameAlongTheNoiseAndTowardsTheData() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Prediction p = new Prediction(manager.create(new double[] {1, -2}), manager.create(new double[] {3, 4}));
            NDArray x = p.at(from);
            for (NoiseLevel end : new NoiseLevel[] {to, NoiseLevel.CLEAN}) {
                double[] expected = p.at(end).toDoubleArray();
                assertThat(process.along(x, process.slope(p), from, end).toDoubleArray())
                        .containsExactly(expected, within(1e-12));
                assertThat(NoiseProcess.towardsData(x, p.x0(), from, end).toDoubleArray())
                        .containsExactly(expected, within(1e-12));
            }
            assertThat(from.eps(x, p.x0()).toDoubleArray())
                    .containsExactly(p.eps().toDoubleArray(), within(1e-12));
        }
    }

    @Test
    void noisingAgainAddsWhatIsMissingInVariance() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = manager.create(1.0);
            double up = process.renoise(to.mix(x0, manager.create(0.0)), to, from, manager.create(1.0))
                    .getDouble();
            assertThat(up).isCloseTo(from.alpha() * (1 + Math.sqrt(16 - 4)), within(1e-12));
        }
    }

    @Test
    void theMiddleIsHalfwayInLambda() {
        NoiseLevel middle = process.middle(from, to);
        assertThat(middle.lambda()).isCloseTo((from.lambda() + to.lambda()) / 2, within(1e-12));
        assertThat(process.level(middle.timestep()).ratio()).isCloseTo(middle.ratio(), within(1e-4));
    }

    @Test
    void levelsOfWholeTimestepsAreTheTables() {
        NoiseSchedule schedule = (NoiseSchedule) process;
        assertThat(process.level(500.0)).isEqualTo(schedule.level(500));
        assertThat(process.level(500.5).ratio())
                .isBetween(schedule.level(500).ratio(), schedule.level(501).ratio());
    }
}
