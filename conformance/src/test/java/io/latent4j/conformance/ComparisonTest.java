package io.latent4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Tolerance TOLERANCE = new Tolerance(0.5, 0.25);
    private final Comparison comparison = new Comparison();

    @Test
    void allowsTheAbsoluteAndTheRelativeTolerance() {
        comparison.number("x", 3.5, 2, new Tolerance(0.5, 0.5));
        assertThat(outcome().status()).isEqualTo(Status.PASS);
        comparison.number("x", 3.75, 2, new Tolerance(0.5, 0.5));
        assertThat(outcome().status()).isEqualTo(Status.FAIL);
    }

    @Test
    void showsTheOutputThatIsWorstForItsTolerance() {
        comparison.number("loose", 109, 100, TOLERANCE);
        comparison.number("tight", 0.25, 0, TOLERANCE);
        assertThat(outcome().detail()).isEqualTo("tight");
        assertThat(outcome().error().orElseThrow()).isEqualTo(0.25);
        assertThat(outcome().tolerance().orElseThrow()).isEqualTo(0.5);
    }

    @Test
    void failsOnWhatIsNoNumber() {
        comparison.floats("x", new float[] {Float.NaN, 0}, new float[] {0, 0}, TOLERANCE);
        assertThat(outcome().status()).isEqualTo(Status.FAIL);
    }

    @Test
    void failsWhereNothingWasCompared() {
        assertThat(outcome().status()).isEqualTo(Status.FAIL);
    }

    @Test
    void failsOnAnErrorWhereOtherThingsAreNotCovered() {
        comparison.notCovered("output y");
        comparison.number("x", 2, 0, TOLERANCE);
        assertThat(outcome().status()).isEqualTo(Status.FAIL);
    }

    @Test
    void refusesAnotherCountOfNumbers() {
        assertThatThrownBy(() -> comparison.floats("x", new float[1], new float[2], TOLERANCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("x has 1 numbers; expected 2");
    }

    private Outcome outcome() {
        return comparison.outcome("case", "kind");
    }
}
