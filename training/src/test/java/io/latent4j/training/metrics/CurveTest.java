package io.latent4j.training.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CurveTest {

    @Test
    void smoothsWithoutLagging() {
        Curve falling = curve(400, i -> Math.exp(-i / 100.0));
        Curve smooth = falling.smoothed();
        for (int i = 0; i < falling.size(); i++) {
            assertThat(smooth.value(i)).isEqualTo(falling.value(i), within(1e-9 * falling.value(i)));
        }
    }

    @Test
    void smoothsNoise() {
        Curve smooth = curve(400, i -> i % 2 == 0 ? 0.5 : 2).smoothed();
        assertThat(smooth.value(200)).isBetween(0.94, 1.06);
    }

    @Test
    void averagesNeighboursWhereThereAreTooMany() {
        Curve curve = curve(100_000, i -> i % 2 == 0 ? 1 : 3);
        assertThat(curve.size()).isBetween(300, 600);
        assertThat(curve.value(100)).isEqualTo(2, within(0.05));
        assertThat(curve.lastStep()).isEqualTo(100_000);
    }

    @Test
    void leavesOutWhatIsNotAboveZero() {
        Curve curve = curve(10, i -> i < 5 ? 0 : i == 7 ? Double.NaN : i == 8 ? Double.POSITIVE_INFINITY : 1);
        assertThat(curve.size()).isEqualTo(3);
        assertThat(curve.firstStep()).isEqualTo(6);
    }

    private static Curve curve(int count, IntToDoubleFunction value) {
        List<Map<String, String>> rows = IntStream.range(0, count)
                .mapToObj(i -> Map.of("step", "" + (i + 1), "loss", "" + value.applyAsDouble(i)))
                .toList();
        return Curve.of(rows, "loss");
    }
}
