package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.levels.SolverLevels;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UniPcMultistepTest {
    private static final Set<Integer> ALL = IntStream.range(0, 1000).boxed().collect(Collectors.toSet());

    private final SolverLevels levels = SolverLevels.from(Runs.stableDiffusion("\"final_sigmas_type\": \"sigma_min\""));

    @ParameterizedTest
    @CsvSource({"1, BH1, 2", "1, BH2, 2", "2, BH1, 4", "2, BH2, 4", "3, BH1, 8", "3, BH2, 8"})
    void predictorIsOfItsOrder(int order, UniPcType type, double factor) {
        for (boolean predictX0 : new boolean[] {true, false}) {
            UniPcMultistep unipc = new UniPcMultistep(levels, order, type, predictX0, false, ALL);
            assertThat(Runs.gainOnceStarted(unipc)).isCloseTo(factor, within(0.2 * factor));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, BH1, 4", "1, BH2, 4", "2, BH1, 8", "2, BH2, 8", "3, BH1, 16", "3, BH2, 16"})
    void correctorGainsAnOrder(int order, UniPcType type, double factor) {
        for (boolean predictX0 : new boolean[] {true, false}) {
            UniPcMultistep unipc = new UniPcMultistep(levels, order, type, predictX0, false, Set.of());
            assertThat(Runs.gainOnceStarted(unipc)).isCloseTo(factor, within(0.25 * factor));
        }
    }

    @Test
    void secondOrderPredictorIsDpmSolver() {
        DpmSolverMultistep dpm =
                new DpmSolverMultistep(levels, DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, 2, SolverType.MIDPOINT, true, false);
        UniPcMultistep unipc = new UniPcMultistep(levels, 2, UniPcType.BH2, true, true, ALL);
        assertThat(end(unipc, 10)).containsExactly(end(dpm, 10), within(1e-12));
    }

    @Test
    void correctsAllStepsButThoseNamed() {
        double[] corrected = end(unipc(Set.of()), 6);
        assertThat(end(unipc(Set.of(2)), 6)).isNotEqualTo(corrected);
        assertThat(end(unipc(Set.of(5)), 6))
                .as("nothing comes after the last step")
                .isEqualTo(corrected);
    }

    private UniPcMultistep unipc(Set<Integer> disableCorrector) {
        return new UniPcMultistep(levels, 2, UniPcType.BH2, true, true, disableCorrector);
    }

    @Test
    void endsCleanWithFirstOrderWhateverItsSettings() {
        SolverLevels clean = SolverLevels.from(Runs.stableDiffusion());
        for (boolean predictX0 : new boolean[] {true, false}) {
            UniPcMultistep unipc = new UniPcMultistep(clean, 3, UniPcType.BH1, predictX0, false, Set.of());
            assertThat(Arrays.stream(end(unipc, 20))).allMatch(x -> Math.abs(x) < 2);
        }
    }

    @Test
    void refusesOrdersItHasNot() {
        assertThatThrownBy(() -> Schedulers.named("unipc", Runs.config("\"solver_order\": 4")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scheduler/scheduler_config.json: solver_order is 4; expected 1 to 3");
    }

    private static double[] end(Scheduler scheduler, int steps) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            return Runs.run(scheduler, scheduler.plan(steps), start, new GaussianData(0.5, 0.3), Runs.NO_NOISE)
                    .toDoubleArray();
        }
    }
}
