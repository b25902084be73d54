package io.latent4j.training.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

    @ParameterizedTest
    @CsvSource({
        "0, 1, false",
        "50, 20000, false",
        "0, 0.0003, false",
        "0.11, 0.13, true",
        "0.02, 0.9, true",
        "1e-6, 1e3, true"
    })
    void hasAFewRoundTicksInOrder(double low, double high, boolean logarithmic) {
        Axis axis = new Axis(low, high, logarithmic);
        assertThat(axis.ticks(8)).hasSizeBetween(3, 12).isSorted().allSatisfy(tick -> {
            assertThat(axis.share(tick)).isBetween(-1e-6, 1 + 1e-6);
            assertThat(Axis.label(tick)).hasSizeLessThanOrEqualTo(6);
        });
    }

    @Test
    void putsEqualRatiosEquallyFarApartWhereLogarithmic() {
        Axis axis = new Axis(0.1, 10, true);
        assertThat(axis.share(1)).isEqualTo(0.5, within(1e-12));
        assertThat(new Axis(0, 10, false).share(1)).isEqualTo(0.1, within(1e-12));
    }

    @Test
    void takesNothingForARange() {
        assertThat(new Axis(3, 3, false).share(3)).isZero();
        assertThat(new Axis(0, 0, false).ticks(4)).isNotEmpty();
    }

    @Test
    void labelsForPeople() {
        assertThat(Axis.label(0)).isEqualTo("0");
        assertThat(Axis.label(0.1 + 0.2)).isEqualTo("0.3");
        assertThat(Axis.label(20_000)).isEqualTo("20000");
        assertThat(Axis.label(2e-5)).isEqualTo("2e-5");
        assertThat(Axis.label(1e-4)).isEqualTo("1e-4");
        assertThat(Axis.label(0.0012)).isEqualTo("0.0012");
    }
}
