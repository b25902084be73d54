package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.List;
import org.junit.jupiter.api.Test;

class PndmSchedulerTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LEADING);

    @Test
    void refusesListsOfItsOwnSteps() {
        assertThatThrownBy(() ->
                        Schedulers.from(Runs.stableDiffusion()).plan(Steps.atTimesteps(List.of(900.0, 400.0, 100.0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pndm combines steps of one length, so it takes no list of timesteps or sigmas; expected a"
                        + " number of steps, or a method such as euler or ddim");
    }

    @Test
    void visitsTheSecondTimestepTwice() {
        assertThat(timesteps(pndm(true).plan(4))).containsExactly(751.0, 501.0, 501.0, 251.0, 1.0);
        assertThat(timesteps(pndm(true).plan(2))).containsExactly(501.0, 1.0, 1.0);
        assertThat(timesteps(pndm(true).plan(1))).containsExactly(1.0);
    }

    @Test
    void warmsUpWithThreeStepsOfFourCalls() {
        assertThat(timesteps(pndm(false).plan(5)))
                .containsExactly(
                        801.0, 701.0, 701.0, 601.0, 601.0, 501.0, 501.0, 401.0, 401.0, 301.0, 301.0, 201.0, 201.0, 1.0);
    }

    @Test
    void correctsTheFirstStepOfALateStartToo() {
        Plan late = pndm(true).plan(Steps.of(10), LatentSize.UNTOLD, 4);
        assertThat(timesteps(late)).containsExactly(601.0, 501.0, 401.0, 301.0, 201.0, 101.0, 1.0);
        assertThat(late.stage(1).from().timestep()).isEqualTo(601);
        assertThat(late.stage(1).to().timestep()).isEqualTo(501);
        assertThat(late.stage(2).to().timestep()).isEqualTo(301);
    }

    @Test
    void warmsUpFromTheFirstTimestepOfALateStart() {
        PndmScheduler pndm = pndm(false);
        Plan late = pndm.plan(Steps.of(10), LatentSize.UNTOLD, pndm.stageOf(6));
        assertThat(timesteps(late))
                .containsExactly(301.0, 251.0, 251.0, 201.0, 201.0, 151.0, 151.0, 101.0, 101.0, 51.0, 51.0, 1.0, 1.0);
        assertThat(late.stages())
                .extracting(stage -> stage.from().timestep())
                .startsWith(301.0, 301.0, 301.0, 301.0, 201.0);
        assertThat(timesteps(pndm.plan(Steps.of(10), LatentSize.UNTOLD, pndm.stageOf(8))))
                .containsExactly(101.0, 51.0, 51.0, 1.0, 1.0);
        assertThat(timesteps(pndm.plan(Steps.of(10), LatentSize.UNTOLD, pndm.stageOf(9))))
                .containsExactly(1.0);
        assertThat(late.skipped()).isEqualTo(15);
    }

    @Test
    void goesOnFromTheMiddleOfAWarmUpStep() {
        assertThat(timesteps(pndm(false).plan(Steps.of(4), LatentSize.UNTOLD, 6)))
                .containsExactly(376.0, 251.0, 251.0, 126.0, 126.0);
    }

    @Test
    void convergesFasterThanFirstOrder() {
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            for (boolean skipPrkSteps : new boolean[] {true, false}) {
                double coarse = error(pndm(skipPrkSteps), 25, start, data);
                double fine = error(pndm(skipPrkSteps), 100, start, data);
                assertThat(coarse / fine).isGreaterThan(8);
            }
        }
    }

    private double error(PndmScheduler pndm, int steps, NDArray start, GaussianData data) {
        Plan plan = pndm.plan(steps);
        NDArray expected = data.flow(start, plan.level(0), plan.level(plan.steps()));
        return Runs.run(pndm, plan, start, data, Runs.NO_NOISE)
                .sub(expected)
                .abs()
                .max()
                .getDouble();
    }

    @Test
    void refusesTooFewStepsToWarmUp() {
        assertThatThrownBy(() -> pndm(false).plan(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is 3; pndm with Runge-Kutta steps (skip_prk_steps is false) expected at least 4");
    }

    @Test
    void refusesNetworksThatPredictTheSample() {
        assertThatThrownBy(() -> new PndmScheduler(timetable, PredictionType.SAMPLE, NoiseLevel.CLEAN, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prediction_type is \"sample\"; pndm expected one of epsilon, v_prediction");
    }

    private PndmScheduler pndm(boolean skipPrkSteps) {
        return new PndmScheduler(
                timetable, PredictionType.EPSILON, timetable.noise().level(0), skipPrkSteps);
    }

    private static List<Double> timesteps(Plan plan) {
        return plan.stages().stream().map(stage -> stage.at().timestep()).toList();
    }
}
