package io.latent4j.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrownianTreeTest {
    private static final int PATHS = 20_000;
    private final BrownianTree tree = new BrownianTree(42);

    @ParameterizedTest
    @CsvSource({"1, 2", "1, 1.5", "1.3, 1.31", "0.004, 300", "5, 2.5", "0.75, 1.001", "1e-9, 1e9"})
    void isStandardNormalOverAnyStretch(double from, double to) {
        float[] z = tree.normal(PATHS, from, to);
        assertThat(mean(z)).isCloseTo(0, within(0.03));
        assertThat(covariance(z, z)).isCloseTo(1, within(0.04));
        assertThat(fourthMoment(z)).isCloseTo(3, within(0.25));
    }

    @ParameterizedTest
    @CsvSource({"1, 1.2, 1.7", "0.1, 0.9, 7", "1, 1.5, 1.75", "1.999, 2, 2.001"})
    void stretchesSideBySideAreIndependent(double a, double b, double c) {
        assertThat(covariance(tree.normal(PATHS, a, b), tree.normal(PATHS, b, c)))
                .isCloseTo(0, within(0.03));
    }

    @Test
    void stretchesThatOverlapShareWhatTheyHaveInCommon() {
        assertThat(covariance(tree.normal(PATHS, 1, 3), tree.normal(PATHS, 1, 5)))
                .isCloseTo(Math.sqrt(0.5), within(0.03));
        assertThat(covariance(tree.normal(PATHS, 0.5, 1.3), tree.normal(PATHS, 1.1, 1.9)))
                .isCloseTo(0.2 / 0.8, within(0.03));
    }

    @ParameterizedTest
    @CsvSource({"1, 1.2, 1.7", "0.1, 0.9, 7", "9, 3, 0.02", "3, 100, 4"})
    void incrementsAddUp(double a, double b, double c) {
        float[] ab = tree.normal(64, a, b);
        float[] bc = tree.normal(64, b, c);
        float[] ac = tree.normal(64, a, c);
        for (int i = 0; i < ac.length; i++) {
            double sum = ab[i] * Math.sqrt(Math.abs(b - a)) + bc[i] * Math.sqrt(Math.abs(c - b));
            assertThat(ac[i] * Math.sqrt(Math.abs(c - a))).isCloseTo(sum, within(2e-6 * Math.sqrt(Math.max(b, c))));
        }
    }

    @Test
    void answersAlikeWhateverWasAskedBefore() {
        float[] first = tree.normal(20, 0.3, 4);
        tree.normal(7, 3, 4);
        assertThat(tree.normal(20, 0.3, 4)).isEqualTo(first);
        assertThat(new BrownianTree(42).normal(20, 0.3, 4)).isEqualTo(first);
    }

    @Test
    void runsBackwardsWithTheOppositeSign() {
        float[] forward = tree.normal(20, 0.3, 4);
        float[] backward = tree.normal(20, 4, 0.3);
        for (int i = 0; i < forward.length; i++) {
            assertThat(backward[i]).isEqualTo(-forward[i]);
        }
    }

    @Test
    void seedsThatDifferInAnyBitAreIndependent() {
        float[] here = tree.normal(PATHS, 1, 3);
        assertThat(covariance(here, new BrownianTree(43).normal(PATHS, 1, 3))).isCloseTo(0, within(0.03));
        assertThat(covariance(here, new BrownianTree(42 + (1L << 40)).normal(PATHS, 1, 3)))
                .isCloseTo(0, within(0.03));
        assertThat(covariance(here, new TorchRandom(42).normal(PATHS))).isCloseTo(0, within(0.03));
    }

    @Test
    void refusesAStretchOfNoLength() {
        assertThatThrownBy(() -> tree.normal(1, 2, 2.000000001))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the times 2.0 and 2.000000001 are the same to 6 digits; expected two different ones");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesTimesThatAreNotAboveZero(double time) {
        assertThatThrownBy(() -> tree.normal(1, time, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the time is " + time + "; expected above ");
    }

    private static double mean(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += value;
        }
        return sum / x.length;
    }

    private static double covariance(float[] x, float[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum / x.length;
    }

    private static double fourthMoment(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += Math.pow(value, 4);
        }
        return sum / x.length;
    }
}
