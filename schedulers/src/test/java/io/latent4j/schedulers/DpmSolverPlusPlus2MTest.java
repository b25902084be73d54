package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DpmSolverPlusPlus2MTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LINSPACE);

    @Test
    void isOfSecondOrder() {
        DpmSolverPlusPlus2M solver = solver(false);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            double coarse = Runs.error(solver, Runs.evenInLambda(512), start);
            double fine = Runs.error(solver, Runs.evenInLambda(1024), start);
            assertThat(coarse / fine).isCloseTo(4, within(0.4));
        }
    }

    @Test
    void countsTheStepsOfTheWholeRunForItsLastOrder() {
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            Plan late = solver(true).plan(Steps.of(20), 12);
            assertThat(Runs.run(solver(true), late, start, data, Runs.NO_NOISE).toFloatArray())
                    .isEqualTo(Runs.run(solver(false), late, start, data, Runs.NO_NOISE)
                            .toFloatArray());
            Plan few = solver(true).plan(8);
            assertThat(Runs.run(solver(true), few, start, data, Runs.NO_NOISE).toFloatArray())
                    .isNotEqualTo(Runs.run(solver(false), few, start, data, Runs.NO_NOISE)
                            .toFloatArray());
        }
    }

    @Test
    void tellsTheNetworkWholeTimestepsUnderKarras() {
        Plan plan =
                new DpmSolverPlusPlus2M(timetable, Optional.of(new Karras()), NoiseLevel.CLEAN, true, false).plan(12);
        assertThat(plan.stages())
                .allMatch(stage -> stage.at().timestep() == Math.rint(stage.at().timestep()));
        assertThat(plan.level(11).ratio()).isCloseTo(timetable.noise().ratio(0.0), within(1e-6));
    }

    @Test
    void refusesStepsThatWouldStandStill() {
        assertThatThrownBy(() -> solver(true).plan(1000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("steps is 1000, which visits timestep \\d+\\.0 twice; expected fewer");
    }

    private DpmSolverPlusPlus2M solver(boolean lowerOrderFinal) {
        return new DpmSolverPlusPlus2M(
                timetable, Optional.empty(), timetable.noise().level(0), lowerOrderFinal, false);
    }
}
