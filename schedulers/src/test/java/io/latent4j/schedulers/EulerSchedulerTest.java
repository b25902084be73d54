package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class EulerSchedulerTest {

    @Test
    void isOfFirstOrder() {
        EulerScheduler euler = euler(TimestepSpacing.LINSPACE, Optional.empty());
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            double coarse = Runs.error(euler, Runs.evenInLambda(64), start);
            double fine = Runs.error(euler, Runs.evenInLambda(128), start);
            assertThat(coarse / fine).isCloseTo(2, within(0.1));
        }
    }

    @Test
    void beginsWithTheNoiseTheReferenceBeginsWith() {
        Plan leading = euler(TimestepSpacing.LEADING, Optional.empty()).plan(20);
        assertThat(leading.initialScale()).isEqualTo(1);
        Plan trailing = euler(TimestepSpacing.TRAILING, Optional.empty()).plan(20);
        assertThat(trailing.initialScale()).isEqualTo(trailing.level(0).sigma()).isLessThan(1);
    }

    @Test
    void karrasKeepsTheEndsAndCrowdsAtLittleNoise() {
        Plan trained = euler(TimestepSpacing.LINSPACE, Optional.empty()).plan(10);
        Plan karras = euler(TimestepSpacing.LINSPACE, Optional.of(new Karras())).plan(10);
        assertThat(karras.level(0).ratio()).isCloseTo(trained.level(0).ratio(), within(1e-5));
        assertThat(karras.level(9).ratio()).isCloseTo(trained.level(9).ratio(), within(1e-6));
        assertThat(karras.level(5).ratio()).isLessThan(trained.level(5).ratio());
    }

    @Test
    void spacingTakesEndsOfItsOwn() {
        BoundedSpacing range = new BoundedSpacing(new Karras(), OptionalDouble.of(0.05), OptionalDouble.of(12));
        Plan plan = euler(TimestepSpacing.LINSPACE, Optional.of(range)).plan(6);
        assertThat(plan.level(0).ratio()).isCloseTo(12, within(1e-5));
        assertThat(plan.level(5).ratio()).isCloseTo(0.05, within(1e-6));
        assertThat(plan.level(6)).isEqualTo(NoiseLevel.CLEAN);
    }

    private static EulerScheduler euler(TimestepSpacing spacing, Optional<SigmaSpacing> sigmas) {
        return new EulerScheduler(Runs.timetable(spacing), sigmas, NoiseLevel.CLEAN);
    }
}
