package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.levels.Levels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeisMultistepTest {
    private final Levels levels =
            DpmSolverMultistep.levels(Runs.stableDiffusion("\"final_sigmas_type\": \"sigma_min\""));

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "3, 8"})
    void halvingTheStepsDividesTheErrorBy(int order, double factor) {
        assertThat(Runs.gainOnceStarted(new DeisMultistep(levels, order, false)))
                .isCloseTo(factor, within(0.2 * factor));
    }

    /** The papers meet: a line in log ρ is a line in λ. */
    @Test
    void secondOrderIsDpmSolverWithHeunsWeights() {
        DpmSolverMultistep dpm =
                new DpmSolverMultistep(levels, DpmAlgorithm.DPM_SOLVER, 2, SolverType.HEUN, true, false);
        assertThat(end(new DeisMultistep(levels, 2, true), 10)).containsExactly(end(dpm, 10), within(1e-12));
    }

    @Test
    void lowersItsOrderAtTheEndOfShortRuns() {
        assertThat(end(new DeisMultistep(levels, 3, true), 14))
                .isNotEqualTo(end(new DeisMultistep(levels, 3, false), 14));
        assertThat(end(new DeisMultistep(levels, 3, true), 15)).isEqualTo(end(new DeisMultistep(levels, 3, false), 15));
    }

    @Test
    void standsStillInTheLastStepOfSpacedLevels() {
        Scheduler deis = Schedulers.named("deis", Runs.stableDiffusion("\"use_karras_sigmas\": true"));
        Plan plan = deis.plan(20);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new double[] {-1, 0, 0.5, 2});
            SamplerState state = SamplerState.start(x);
            NDArray before = x;
            while (state.index() < 20) {
                before = state.latents();
                state = deis.step(plan, state, new GaussianData(0.5, 0.3), Runs.NO_NOISE);
            }
            assertThat(state.latents().toDoubleArray()).isEqualTo(before.toDoubleArray());
        }
    }

    @Test
    void endsCleanWhereTheListedSigmasDo() {
        DeisMultistep deis = new DeisMultistep(levels, 3, false);
        Plan plan = deis.plan(Steps.atSigmas(List.of(4.0, 1.0, 0.2, 0.05, 0.0)));
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            SamplerState state = SamplerState.start(manager.create(new double[] {-1, 0, 0.5, 2}));
            while (state.index() < 3) {
                state = deis.step(plan, state, data, Runs.NO_NOISE);
            }
            double[] x0 = data.predict(state.latents(), plan.level(3)).x0().toDoubleArray();
            assertThat(deis.step(plan, state, data, Runs.NO_NOISE).latents().toDoubleArray())
                    .containsExactly(x0, within(1e-12));
        }
    }

    @Test
    void refusesOrdersItHasNot() {
        assertThatThrownBy(() -> new DeisMultistep(levels, 0, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("solver_order is 0; expected 1 to 3");
    }

    private static double[] end(Scheduler scheduler, int steps) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            return Runs.run(scheduler, scheduler.plan(steps), start, new GaussianData(0.5, 0.3), Runs.NO_NOISE)
                    .toDoubleArray();
        }
    }
}
