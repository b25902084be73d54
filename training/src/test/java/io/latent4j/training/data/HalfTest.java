package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfTest {

    @Test
    void givesEveryNumberBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Half.value((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(Half.bits(value)).isEqualTo((short) bits);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "-2.5, -2.5",
        "65504, 65504",
        "65519.9, 65504",
        "0.1, 0.099975586",
        "2049, 2048",
        "2051, 2052",
        "6.1035156e-5, 6.1035156e-5",
        "5.9604645e-8, 5.9604645e-8",
        "2e-8, 0",
        "-3e-8, -5.9604645e-8",
        "0.000061, 0.0000609755516"
    })
    void roundsToTheNearest(float value, float expected) {
        assertThat(Half.value(Half.bits(value))).isEqualTo(expected);
    }

    @Test
    void tellsWhatItCannotHold() {
        assertThat(Half.holds(65519)).isTrue();
        assertThat(Half.holds(65520)).isFalse();
        assertThat(Half.holds(-1e6f)).isFalse();
        assertThat(Half.holds(Float.NaN)).isFalse();
        assertThat(Half.value(Half.bits(65520))).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Half.value(Half.bits(-1e9f))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Half.value(Half.bits(Float.NaN))).isNaN();
    }
}
