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
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.levels.SolverLevels;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DpmSolverMultistepTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LINSPACE);

    @ParameterizedTest
    @CsvSource({
        "DPM_SOLVER_PLUS_PLUS, 1, MIDPOINT, 2",
        "DPM_SOLVER_PLUS_PLUS, 2, MIDPOINT, 4",
        "DPM_SOLVER_PLUS_PLUS, 2, HEUN, 4",
        "DPM_SOLVER_PLUS_PLUS, 3, MIDPOINT, 4",
        "DPM_SOLVER, 1, MIDPOINT, 2",
        "DPM_SOLVER, 2, MIDPOINT, 4",
        "DPM_SOLVER, 2, HEUN, 4",
        "DPM_SOLVER, 3, MIDPOINT, 4"
    })
    void halvingTheStepsDividesTheErrorBy(DpmAlgorithm algorithm, int order, SolverType type, double factor) {
        assertThat(Runs.gainOnceStarted(solver(algorithm, order, type, false, false)))
                .isCloseTo(factor, within(0.15 * factor));
    }

    @ParameterizedTest
    @EnumSource
    void stochasticSolverForNoiseIsOfSecondOrderInTheMean(SolverType type) {
        assertThat(Runs.gainInTheMean(solver(DpmAlgorithm.SDE_DPM_SOLVER, 2, type, false, false), 1))
                .isCloseTo(4, within(0.6));
    }

    /** Along the mean of the reverse, the expected x0 stays what it is. */
    @Test
    void stochasticSolverForDataIsExactInTheMean() {
        GaussianData data = new GaussianData(0.5, 0.3);
        for (int order = 1; order <= 3; order++) {
            DpmSolverMultistep solver =
                    solver(DpmAlgorithm.SDE_DPM_SOLVER_PLUS_PLUS, order, SolverType.HEUN, false, false);
            Plan plan = solver.plan(5);
            try (NDManager manager = NDManager.newBaseManager()) {
                NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
                NDArray mean = data.reverseMean(start, plan.level(0), plan.level(5), 1);
                assertThat(Runs.run(solver, plan, start, data, NDArray::zerosLike)
                                .toDoubleArray())
                        .containsExactly(mean.toDoubleArray(), within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SDE_DPM_SOLVER_PLUS_PLUS", "SDE_DPM_SOLVER"})
    void keepsTheDataDistribution(DpmAlgorithm algorithm) {
        DpmSolverMultistep solver = solver(algorithm, 2, SolverType.MIDPOINT, false, false);
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

    @ParameterizedTest
    @EnumSource(names = {"DPM_SOLVER_PLUS_PLUS", "DPM_SOLVER"})
    void firstOrderIsDdim(DpmAlgorithm algorithm) {
        DpmSolverMultistep solver = solver(algorithm, 1, SolverType.MIDPOINT, true, false);
        NoiseLevel last = timetable.noise().level(0);
        DdimScheduler ddim = new DdimScheduler(timetable, last, 0);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            Plan plan = solver.plan(12);
            GaussianData data = new GaussianData(0.5, 0.3);
            assertThat(Runs.run(solver, plan, start, data, Runs.NO_NOISE).toDoubleArray())
                    .containsExactly(
                            Runs.run(ddim, plan, start, data, Runs.NO_NOISE).toDoubleArray(), within(1e-12));
        }
    }

    /** Algorithm 2 of the paper as it stands there. */
    @Test
    void secondOrderIsThePapersFormula() {
        DpmSolverMultistep solver = solver(DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, 2, SolverType.MIDPOINT, false, false);
        GaussianData data = new GaussianData(0.5, 0.3);
        Plan plan = solver.plan(7);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new double[] {-1, 0, 0.5, 2});
            NDArray start = x;
            NDArray before = x;
            for (int i = 0; i < plan.steps(); i++) {
                NoiseLevel from = plan.level(i);
                NoiseLevel to = plan.level(i + 1);
                double h = to.lambda() - from.lambda();
                NDArray x0 = data.predict(x, from).x0();
                NDArray d = x0;
                if (i > 0) {
                    double r = (from.lambda() - plan.level(i - 1).lambda()) / h;
                    d = x0.mul(1 + 1 / (2 * r)).sub(before.mul(1 / (2 * r)));
                }
                x = x.mul(to.sigma() / from.sigma()).sub(d.mul(to.alpha() * Math.expm1(-h)));
                before = x0;
            }
            assertThat(Runs.run(solver, plan, start, data, Runs.NO_NOISE).toDoubleArray())
                    .containsExactly(x.toDoubleArray(), within(1e-12));
        }
    }

    @Test
    void countsTheStepsOfTheWholeRunForItsLastOrder() {
        assertThat(end(true, false, Steps.of(20), 12)).isEqualTo(end(false, false, Steps.of(20), 12));
        assertThat(end(true, false, Steps.of(8), 0)).isNotEqualTo(end(false, false, Steps.of(8), 0));
    }

    @Test
    void eulerAtFinalIsForRunsOfAnyLength() {
        assertThat(end(true, true, Steps.of(20), 0)).isNotEqualTo(end(true, false, Steps.of(20), 0));
        assertThat(end(true, true, Steps.of(8), 0)).isEqualTo(end(true, false, Steps.of(8), 0));
    }

    private float[] end(boolean lowerOrderFinal, boolean eulerAtFinal, Steps steps, int first) {
        DpmSolverMultistep solver =
                solver(DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, 2, SolverType.MIDPOINT, lowerOrderFinal, eulerAtFinal);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            return Runs.run(
                            solver,
                            solver.plan(steps, LatentSize.UNTOLD, first),
                            start,
                            new GaussianData(0.5, 0.3),
                            Runs.NO_NOISE)
                    .toFloatArray();
        }
    }

    @Test
    void refusesOrdersItHasNot() {
        assertThatThrownBy(() -> Schedulers.named("dpm++2m", Runs.config("\"solver_order\": 4")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scheduler/scheduler_config.json: solver_order is 4; expected 1 to 3");
        assertThatThrownBy(() -> solver(DpmAlgorithm.SDE_DPM_SOLVER, 3, SolverType.HEUN, false, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("solver_order is 3 with algorithm_type \"sde-dpmsolver\"; expected 1 or 2, or"
                        + " algorithm_type \"sde-dpmsolver++\"");
    }

    @ParameterizedTest
    @EnumSource
    void endsCleanAtTheLastPredictedData(DpmAlgorithm algorithm) {
        SolverLevels clean = new SolverLevels(timetable, NoiseLevel.CLEAN);
        DpmSolverMultistep solver = new DpmSolverMultistep(clean, algorithm, 2, SolverType.HEUN, false, false);
        Plan plan = solver.plan(Steps.of(20), LatentSize.UNTOLD, 18);
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            SamplerState state = solver.step(plan, SamplerState.start(start), data, NDArray::zerosLike);
            double[] x0 = data.predict(state.latents(), plan.level(1)).x0().toDoubleArray();
            assertThat(solver.step(plan, state, data, NDArray::onesLike)
                            .latents()
                            .toDoubleArray())
                    .containsExactly(x0, within(1e-12));
        }
    }

    private DpmSolverMultistep solver(
            DpmAlgorithm algorithm, int order, SolverType type, boolean lowerOrderFinal, boolean eulerAtFinal) {
        SolverLevels levels = new SolverLevels(timetable, timetable.noise().level(0));
        return new DpmSolverMultistep(levels, algorithm, order, type, lowerOrderFinal, eulerAtFinal);
    }
}
