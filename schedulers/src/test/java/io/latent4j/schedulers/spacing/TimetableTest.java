package io.latent4j.schedulers.spacing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.samplers.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimetableTest {

    @Test
    void leadingCountsUpFromTheOffset() {
        assertThat(Runs.timetable(TimestepSpacing.LEADING).wholeTimesteps(Steps.of(5)))
                .containsExactly(801, 601, 401, 201, 1);
    }

    @Test
    void linspaceTouchesBothEnds() {
        Timetable linspace = Runs.timetable(TimestepSpacing.LINSPACE);
        assertThat(linspace.timesteps(Steps.of(5))).containsExactly(999, 749.25, 499.5, 249.75, 0);
        assertThat(linspace.wholeTimesteps(Steps.of(5))).containsExactly(999, 749, 500, 250, 0);
        assertThat(linspace.timesteps(Steps.of(1))).containsExactly(0);
    }

    @Test
    void trailingCountsDownFromTheEndAndRoundsHalvesToEven() {
        Timetable trailing = Runs.timetable(TimestepSpacing.TRAILING);
        assertThat(trailing.wholeTimesteps(Steps.of(5))).containsExactly(999, 799, 599, 399, 199);
        assertThat(trailing.wholeTimesteps(Steps.of(7))).containsExactly(999, 856, 713, 570, 428, 285, 142);
        assertThat(trailing.wholeTimesteps(Steps.of(16)))
                .containsExactly(999, 937, 874, 811, 749, 687, 624, 561, 499, 437, 374, 311, 249, 187, 124, 61);
    }

    @Test
    void leavesRoomForTheEnd() {
        assertThat(Runs.timetable(TimestepSpacing.LEADING).wholeTimestepsBeforeEnd(Steps.of(4)))
                .containsExactly(801, 601, 401, 201);
        assertThat(Runs.timetable(TimestepSpacing.LINSPACE).wholeTimestepsBeforeEnd(Steps.of(4)))
                .containsExactly(999, 749, 500, 250);
        assertThat(Runs.timetable(TimestepSpacing.TRAILING).wholeTimestepsBeforeEnd(Steps.of(4)))
                .containsExactly(999, 749, 499, 249);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1001})
    void refusesStepsTheModelHasNot(int steps) {
        assertThatThrownBy(() -> Runs.timetable(TimestepSpacing.LINSPACE).timesteps(Steps.of(steps)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is " + steps + "; expected 1 to 1000, the timesteps the model was trained on");
    }

    @Test
    void refusesNegativeOffsets() {
        NoiseSchedule noise = NoiseSchedule.squaredCosine(10);
        assertThatThrownBy(() -> new Timetable(noise, TimestepSpacing.LEADING, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps_offset is -1; expected 0 or more");
    }
}
