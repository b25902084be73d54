package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.levels.TrainedLevels;
import io.latent4j.schedulers.spacing.BoundedSpacing;
import io.latent4j.schedulers.spacing.Karras;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import java.util.List;
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

    @Test
    void churnedRunsKeepTheDataDistribution() {
        EulerScheduler churned = new EulerScheduler(
                Runs.levels(Runs.timetable(TimestepSpacing.LINSPACE), new Karras()), new Churn(20, 0.05, 50, 1));
        try (NDManager manager = NDManager.newBaseManager()) {
            Plan plan = churned.plan(400);
            NDArray start = plan.initialLatents(Runs.noise(1).like(manager.zeros(new Shape(20_000))));
            NDArray end = Runs.run(churned, plan, start, new GaussianData(0.5, 0.3), Runs.noise(2));
            double mean = end.mean().getFloat();
            assertThat(mean).isCloseTo(0.5, within(0.01));
            assertThat(Math.sqrt(end.sub(mean).square().mean().getFloat())).isCloseTo(0.3, within(0.015));
        }
    }

    @Test
    void churnHasARangeAndAMost() {
        Churn churn = new Churn(4, 0.1, 10, 1);
        assertThat(churn.share(1, 40)).isCloseTo(0.1, within(1e-12));
        assertThat(churn.share(1, 2)).isCloseTo(0.41421356, within(1e-7));
        assertThat(churn.share(0.05, 40)).isZero();
        assertThat(churn.share(11, 40)).isZero();
    }

    @Test
    void logLinearLevelsAreEvenInLambdaWhateverTheNetworkIsTold() {
        Plan plan = Schedulers.named("euler", Runs.stableDiffusion("\"interpolation_type\": \"log_linear\""))
                .plan(4);
        assertThat(plan.level(2).timestep()).isCloseTo(333, within(1e-3));
        double stride = plan.level(1).lambda() - plan.level(0).lambda();
        assertThat(plan.level(4).lambda() - plan.level(3).lambda()).isCloseTo(stride, within(1e-5));
        assertThat(plan.level(4).ratio()).isCloseTo(0.0291671, within(1e-6));
    }

    @Test
    void continuousTimestepsAreLogarithms() {
        Plan plan = Schedulers.named(
                        "euler",
                        Runs.stableDiffusion(
                                "\"timestep_type\": \"continuous\"", "\"prediction_type\": \"v_prediction\""))
                .plan(5);
        assertThat(plan.level(0).timestep()).isCloseTo(Math.log(14.6146469) / 4, within(1e-5));
        assertThat(plan.level(5)).isEqualTo(NoiseLevel.CLEAN);
    }

    @Test
    void takesItsStepsFromAListToo() {
        EulerScheduler euler = euler(TimestepSpacing.LINSPACE, Optional.empty());
        Plan plan = euler.plan(Steps.atSigmas(List.of(12.0, 3.0, 0.5)));
        assertThat(plan.steps()).isEqualTo(2);
        assertThat(plan.level(2).ratio()).isEqualTo(0.5);
        assertThat(euler.plan(Steps.atTimesteps(List.of(800.0, 20.5))).level(1).timestep())
                .isEqualTo(20.5);
    }

    @Test
    void refusesAListOfTimestepsBesideASpacingOfSigmas() {
        EulerScheduler karras = euler(TimestepSpacing.LINSPACE, Optional.of(new Karras()));
        assertThatThrownBy(() -> karras.plan(Steps.atTimesteps(List.of(800.0, 20.0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the run has a list of timesteps and the scheduler a spacing of sigmas; expected one of them:"
                                + " turn the spacing off");
    }

    private static EulerScheduler euler(TimestepSpacing spacing, Optional<SigmaSpacing> sigmas) {
        return new EulerScheduler(new TrainedLevels(Runs.timetable(spacing), sigmas, NoiseLevel.CLEAN));
    }
}
