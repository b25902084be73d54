package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.levels.SolverLevels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DpmSolverMultistepSdeTest {
    private final SolverLevels levels = SolverLevels.from(Runs.stableDiffusion());

    @ParameterizedTest
    @EnumSource
    void secondOrderIsTheReferencesSdeSolver(SolverType type) {
        DpmSolverMultistep multistep =
                new DpmSolverMultistep(levels, DpmAlgorithm.SDE_DPM_SOLVER_PLUS_PLUS, 2, type, false, false);
        assertThat(end(new DpmSolverMultistepSde(levels, 2, type, 1, 1), Runs.noise(3)))
                .containsExactly(end(multistep, Runs.noise(3)), within(1e-6f));
    }

    @Test
    void withoutNoiseSecondOrderIsDpmSolver() {
        DpmSolverMultistep multistep =
                new DpmSolverMultistep(levels, DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, 2, SolverType.MIDPOINT, false, false);
        assertThat(end(new DpmSolverMultistepSde(levels, 2, SolverType.MIDPOINT, 0, 1), Runs.NO_NOISE))
                .containsExactly(end(multistep, Runs.NO_NOISE), within(1e-6f));
    }

    private static float[] end(Scheduler solver, NoiseSource noise) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            return Runs.run(solver, solver.plan(10), start, new GaussianData(0.5, 0.3), noise)
                    .toFloatArray();
        }
    }

    @ParameterizedTest
    @CsvSource({"2, MIDPOINT, 0", "2, HEUN, 0", "3, HEUN, 0", "2, MIDPOINT, 0.5", "2, HEUN, 0.5", "3, HEUN, 0.5"})
    void isOfSecondOrderInTheMean(int order, SolverType type, double eta) {
        assertThat(Runs.gainInTheMean(new DpmSolverMultistepSde(levels, order, type, eta, 1), eta))
                .isCloseTo(4, within(0.6));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void keepsTheDataDistribution(int order) {
        for (double eta : new double[] {0.5, 1}) {
            DpmSolverMultistepSde solver = new DpmSolverMultistepSde(levels, order, SolverType.HEUN, eta, 1);
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
    }

    @Test
    void takesTheNoiseOfEachStretchButTheLast() {
        List<Double> times = new ArrayList<>();
        NoiseSource recording = new NoiseSource() {
            @Override
            public NDArray like(NDArray latents) {
                throw new AssertionError("noise drawn of no stretch");
            }

            @Override
            public NDArray between(NDArray latents, double from, double to) {
                times.add(from);
                times.add(to);
                return latents.zerosLike();
            }
        };
        end(new DpmSolverMultistepSde(levels, 3, SolverType.HEUN, 1, 1), recording);
        List<NoiseLevel> visited = levels.visited(Steps.of(10), LatentSize.UNTOLD);
        assertThat(times).hasSize(18);
        assertThat(times.get(0)).isEqualTo(visited.get(0).snr());
        assertThat(times.get(17)).isEqualTo(visited.get(9).snr());
    }

    @Test
    void readsItsSettings() {
        DpmSolverMultistepSde solver = (DpmSolverMultistepSde) Schedulers.named(
                "DPM++ 2M SDE", Runs.stableDiffusion("\"solver_type\": \"heun\", \"eta\": 0.4, \"s_noise\": 1.003"));
        assertThat(solver.order()).isEqualTo(2);
        assertThat(solver.type()).isEqualTo(SolverType.HEUN);
        assertThat(solver.eta()).isEqualTo(0.4);
        assertThat(solver.sNoise()).isEqualTo(1.003);
        assertThat(((DpmSolverMultistepSde) Schedulers.named("dpm++3m sde", Runs.stableDiffusion())).order())
                .isEqualTo(3);
    }

    @Test
    void refusesNegativeNoise() {
        assertThatThrownBy(() -> Schedulers.named("dpm++2m sde", Runs.config("\"eta\": -1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "scheduler/scheduler_config.json: eta is -1.0 and s_noise 1.0; expected both 0 or more, s_noise up to 1000");
    }
}
