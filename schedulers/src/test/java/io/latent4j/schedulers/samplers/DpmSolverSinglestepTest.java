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
import io.latent4j.schedulers.levels.SolverLevels;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DpmSolverSinglestepTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LINSPACE);

    @ParameterizedTest
    @CsvSource({
        "DPM_SOLVER_PLUS_PLUS, 1, MIDPOINT, 2",
        "DPM_SOLVER_PLUS_PLUS, 2, MIDPOINT, 4",
        "DPM_SOLVER_PLUS_PLUS, 2, HEUN, 4",
        "DPM_SOLVER_PLUS_PLUS, 3, HEUN, 8",
        "DPM_SOLVER, 2, MIDPOINT, 4",
        "DPM_SOLVER, 2, HEUN, 4",
        "DPM_SOLVER, 3, HEUN, 8"
    })
    void halvingTheStepsDividesTheErrorBy(DpmAlgorithm algorithm, int order, SolverType type, double factor) {
        assertThat(Runs.gainOnceStarted(solver(algorithm, order, type, false)))
                .isCloseTo(factor, within(0.15 * factor));
    }

    @Test
    void goesByInGroupsThatStartOver() {
        assertThat(groupStarts(3, 7, false)).containsExactly(0, 0, 0, 3, 3, 3, 6);
        assertThat(groupStarts(3, 8, true)).containsExactly(0, 0, 0, 3, 3, 3, 6, 6);
        assertThat(groupStarts(3, 6, false)).containsExactly(0, 0, 0, 3, 3, 3);
        assertThat(groupStarts(2, 4, false)).containsExactly(0, 0, 2, 2);
    }

    @Test
    void lowerOrderFinalEndsWithAFirstOrderStep() {
        assertThat(groupStarts(3, 6, true)).containsExactly(0, 0, 0, 3, 3, 5);
        assertThat(groupStarts(2, 4, true)).containsExactly(0, 0, 2, 3);
    }

    private List<Integer> groupStarts(int order, int steps, boolean lowerOrderFinal) {
        Plan plan = solver(DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, order, SolverType.HEUN, lowerOrderFinal)
                .plan(steps);
        List<NoiseLevel> visited = plan.stages().stream().map(Plan.Stage::at).toList();
        return plan.stages().stream()
                .map(stage -> visited.indexOf(stage.from()))
                .toList();
    }

    @Test
    void aLateStartMakesASmallerGroup() {
        DpmSolverSinglestep solver = solver(DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, 3, SolverType.HEUN, false);
        Plan whole = solver.plan(9);
        Plan late = solver.plan(Steps.of(9), LatentSize.UNTOLD, 4);
        assertThat(late.skipped()).isEqualTo(4);
        assertThat(late.stage(0).from()).isEqualTo(whole.level(4));
        assertThat(late.stage(1).from()).isEqualTo(whole.level(4));
        assertThat(late.stage(2).from()).isEqualTo(whole.level(6));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            assertThat(Runs.error(solver, solver.plan(Steps.of(90), LatentSize.UNTOLD, 31), start))
                    .isLessThan(0.01);
        }
    }

    @Test
    void keepsTheDataDistribution() {
        DpmSolverSinglestep solver = solver(DpmAlgorithm.SDE_DPM_SOLVER_PLUS_PLUS, 2, SolverType.MIDPOINT, false);
        Plan plan = solver.plan(400);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = plan.initialLatents(Runs.noise(1).like(manager.zeros(new Shape(20_000))));
            NDArray end = Runs.run(solver, plan, start, new GaussianData(0.5, 0.3), Runs.noise(2));
            double mean = end.mean().getFloat();
            double std = Math.sqrt(end.sub(mean).square().mean().getFloat());
            assertThat(mean).isCloseTo(0.5, within(0.01));
            assertThat(std).isCloseTo(0.3, within(0.015));
        }
    }

    @Test
    void refusesTheStochasticSolverForNoise() {
        assertThatThrownBy(() -> solver(DpmAlgorithm.SDE_DPM_SOLVER, 2, SolverType.HEUN, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("algorithm_type is \"sde-dpmsolver\" for singlestep steps; expected one of dpmsolver++,"
                        + " dpmsolver, sde-dpmsolver++");
    }

    private DpmSolverSinglestep solver(DpmAlgorithm algorithm, int order, SolverType type, boolean lowerOrderFinal) {
        SolverLevels levels = new SolverLevels(timetable, timetable.noise().level(0));
        return new DpmSolverSinglestep(levels, algorithm, order, type, lowerOrderFinal);
    }
}
