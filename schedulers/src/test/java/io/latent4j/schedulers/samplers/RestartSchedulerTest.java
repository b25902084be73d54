package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.spacing.Karras;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartSchedulerTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LINSPACE);
    private final RestartScheduler usual = new RestartScheduler(Runs.levels(timetable, new Karras()), Optional.empty());

    @ParameterizedTest
    @CsvSource({"1, 0", "19, 0", "20, 1", "35, 1", "36, 2", "50, 2"})
    void restartsAsOftenAsSuitsTheStepsAndCountsThem(int steps, int restarts) {
        Plan plan = usual.plan(steps);
        assertThat(plan.steps()).isEqualTo(steps);
        assertThat(Runs.draws(usual, plan)).isEqualTo(restarts);
    }

    @Test
    void withoutRestartsIsHeun() {
        HeunScheduler heun = new HeunScheduler(Runs.levels(timetable, new Karras()));
        assertThat(usual.plan(10)).isEqualTo(heun.plan(10));
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            assertThat(Runs.run(usual, heun.plan(10), start, data, Runs.NO_NOISE)
                            .toFloatArray())
                    .isEqualTo(Runs.run(heun, heun.plan(10), start, data, Runs.NO_NOISE)
                            .toFloatArray());
        }
    }

    @Test
    void goesBackUpFromTheNearestLevelAndReturnsToIt() {
        Plan plan = restarting(new RestartScheduler.Interval(0.5, 3, 4, 2)).plan(8);
        assertThat(plan.steps()).isEqualTo(16);
        Plan straight = new HeunScheduler(Runs.levels(timetable, new Karras())).plan(8);
        int first = 0;
        while (plan.stage(first).to().ratio() > plan.stage(first + 1).from().ratio() - 1e-9) {
            first++;
        }
        NoiseLevel low = plan.stage(first).to();
        assertThat(straight.stages()).anyMatch(stage -> stage.to().equals(low));
        for (int again : new int[] {first + 1, first + 5}) {
            assertThat(plan.stage(again).from().ratio()).isCloseTo(3, within(1e-5));
            assertThat(plan.stage(again + 3).to()).isEqualTo(low);
        }
        assertThat(plan.stage(first + 9).from()).isEqualTo(low);
    }

    @Test
    void keepsTheDataDistribution() {
        Runs.assertKeepsTheDataDistribution(usual, usual.plan(60));
    }

    /** A start of the wrong spread ends nearer to the data's, which is what restarts are for. */
    @Test
    void undoesErrorsOfEarlierSteps() {
        HeunScheduler heun = new HeunScheduler(Runs.levels(timetable, new Karras()));
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray wrong = Runs.noise(1).like(manager.zeros(new Shape(20_000))).mul(2);
            double straight = spread(Runs.run(heun, heun.plan(60), wrong, data, Runs.NO_NOISE));
            double restarted = spread(Runs.run(usual, usual.plan(60), wrong, data, Runs.noise(2)));
            assertThat(straight).isGreaterThan(0.55);
            assertThat(restarted).isBetween(0.29, 0.32);
        }
    }

    private static double spread(NDArray values) {
        return Math.sqrt(values.sub(values.mean()).square().mean().getFloat());
    }

    @Test
    void startsLateWithinARestart() {
        Plan late = usual.plan(Steps.of(20), LatentSize.UNTOLD, 15);
        assertThat(late.steps()).isEqualTo(5);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(new Shape(1));
            assertThat(Runs.run(usual, late, x, new GaussianData(0, 1), Runs.NO_NOISE)
                            .getFloat(0))
                    .isFinite();
        }
    }

    @Test
    void refusesRestartsThatCannotBe() {
        assertThatThrownBy(() -> new RestartScheduler.Interval(2, 1, 3, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the restart is 1 time 3 steps from ratio 1.0 to 2.0; expected min above 0 and below max,"
                        + " 1 step and 0 times at least");
        assertThatThrownBy(() ->
                        restarting(new RestartScheduler.Interval(1, 1.2, 3, 1)).plan(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the restart goes up to ratio 1.2 from 1.27")
                .hasMessageEndingWith("; expected a level below it: take more steps");
        assertThatThrownBy(() ->
                        restarting(new RestartScheduler.Interval(0.1, 2, 3, 1)).plan(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the run has 1 step, to no noise; a restart at ratio 0.1 expected 2 or more");
    }

    private RestartScheduler restarting(RestartScheduler.Interval interval) {
        return new RestartScheduler(Runs.levels(timetable, new Karras()), Optional.of(List.of(interval)));
    }
}
