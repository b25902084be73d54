package io.latent4j.schedulers.levels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.samplers.Runs;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SolverLevelsTest {
    private final SolverLevels plain = SolverLevels.from(Runs.stableDiffusion());

    @Test
    void leavesRoomForTheEnd() {
        assertThat(plain.visited(Steps.of(4), LatentSize.UNTOLD))
                .extracting(NoiseLevel::timestep)
                .containsExactly(999.0, 749.0, 500.0, 250.0, 0.0);
        assertThat(plain.visited(Steps.of(4), LatentSize.UNTOLD).get(4)).isEqualTo(NoiseLevel.CLEAN);
    }

    @Test
    void tellsTheNetworkWholeTimestepsNearSpacedLevels() {
        SolverLevels karras = SolverLevels.from(Runs.stableDiffusion("\"use_karras_sigmas\": true"));
        NoiseSchedule noise = karras.timetable().noise();
        List<NoiseLevel> levels = karras.visited(Steps.of(6), LatentSize.UNTOLD);
        for (NoiseLevel level : levels.subList(0, 6)) {
            assertThat(level.timestep()).isEqualTo(Math.rint(noise.timestep(level.ratio())));
        }
        assertThat(levels.get(5).ratio()).isCloseTo(noise.ratio(0.0), within(1e-6));
    }

    @Test
    void tellsTheTimestepBelowExponentialLevels() {
        SolverLevels exponential = SolverLevels.from(Runs.stableDiffusion("\"use_exponential_sigmas\": true"));
        List<NoiseLevel> levels = exponential.visited(Steps.of(10), LatentSize.UNTOLD);
        assertThat(levels)
                .extracting(NoiseLevel::timestep)
                .containsExactly(998.0, 874.0, 723.0, 538.0, 329.0, 152.0, 52.0, 14.0, 2.0, 0.0, 0.0);
    }

    @Test
    void leavesOutTimestepsBelowTheLeastLambda() {
        String cosine = "\"beta_schedule\": \"squaredcos_cap_v2\", \"lambda_min_clipped\": -5.1";
        assertThat(SolverLevels.from(Runs.config(cosine))
                        .visited(Steps.of(8), LatentSize.UNTOLD)
                        .get(0))
                .satisfies(level -> assertThat(level.timestep()).isEqualTo(995))
                .satisfies(level -> assertThat(level.lambda()).isGreaterThan(-5.1));
        assertThatThrownBy(() -> SolverLevels.from(Runs.stableDiffusion("\"lambda_min_clipped\": 4")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("scheduler/scheduler_config.json: lambda_min_clipped is 4.0; expected at most"
                        + " 3\\.5\\d+, the λ of timestep 0");
    }

    @Test
    void visitsListedTimestepsAndSigmas() {
        assertThat(plain.visited(Steps.atTimesteps(List.of(900.0, 400.0, 20.0)), LatentSize.UNTOLD))
                .extracting(NoiseLevel::timestep)
                .containsExactly(900.0, 400.0, 20.0, 0.0);
        List<NoiseLevel> listed = plain.visited(Steps.atSigmas(List.of(8.0, 2.0, 0.5)), LatentSize.UNTOLD);
        assertThat(listed).extracting(NoiseLevel::ratio).containsExactly(8.0, 2.0, 0.5);
        assertThat(listed.get(1).timestep()).isEqualTo(Math.rint(listed.get(1).timestep()));
    }

    @Test
    void canEndWhereTheLastStepBegins() {
        List<NoiseLevel> levels = plain.endingAt(Optional.empty()).visited(Steps.of(3), LatentSize.UNTOLD);
        assertThat(levels.get(3)).isEqualTo(levels.get(2));
    }

    @Test
    void refusesStepsThatWouldStandStill() {
        assertThatThrownBy(() -> plain.visited(Steps.of(1000), LatentSize.UNTOLD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("steps is 1000, which visits timestep \\d+\\.0 twice; expected fewer");
    }

    @Test
    void refusesListedTimestepsBesideASpacing() {
        SolverLevels karras = SolverLevels.from(Runs.stableDiffusion("\"use_karras_sigmas\": true"));
        assertThatThrownBy(() -> karras.visited(Steps.atTimesteps(List.of(900.0, 400.0)), LatentSize.UNTOLD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the run has a list of timesteps and the scheduler a spacing of sigmas");
    }

    @Test
    void refusesFlowSigmas() {
        assertThatThrownBy(() -> SolverLevels.from(Runs.config("\"use_flow_sigmas\": true")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scheduler/scheduler_config.json: use_flow_sigmas is true; expected false");
    }
}
