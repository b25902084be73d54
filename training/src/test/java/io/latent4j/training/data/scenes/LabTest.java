package io.latent4j.training.data.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabTest {

    /** Published values, of D65. */
    @ParameterizedTest
    @CsvSource({
        "255, 255, 255, 100, 0, 0",
        "0, 0, 0, 0, 0, 0",
        "255, 0, 0, 53.24, 80.09, 67.20",
        "0, 255, 0, 87.73, -86.18, 83.18",
        "0, 0, 255, 32.30, 79.19, -107.86",
        "128, 128, 128, 53.59, 0, 0"
    })
    void isTheColourAsItLooks(int red, int green, int blue, double l, double a, double b) {
        Lab lab = Lab.of(new Color(red, green, blue));

        assertThat(lab.l()).isCloseTo(l, within(0.05));
        assertThat(lab.a()).isCloseTo(a, within(0.05));
        assertThat(lab.b()).isCloseTo(b, within(0.05));
    }

    @Test
    void findsTheNearestWithinALimit() {
        Map<String, Lab> palette = Map.of("red", Lab.of(Color.RED), "blue", Lab.of(Color.BLUE));

        assertThat(Lab.of(230, 40, 30).nearest(palette, 40)).contains("red");
        assertThat(Lab.of(40, 30, 230).nearest(palette, 40)).contains("blue");
        assertThat(Lab.of(0, 255, 0).nearest(palette, 40)).isEmpty();
    }
}
