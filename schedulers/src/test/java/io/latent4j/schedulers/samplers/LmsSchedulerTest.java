package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LmsSchedulerTest {

    @Test
    void weightsAreThoseOfAdamsAndBashforthOnEvenLevels() {
        double[] even = {5, 6, 7, 8};
        assertThat(LmsScheduler.weights(Arrays.copyOf(even, 2), 4)).containsExactly(near(2, 3, -1), within(1e-14));
        assertThat(LmsScheduler.weights(Arrays.copyOf(even, 3), 4))
                .containsExactly(near(12, 23, -16, 5), within(1e-14));
        assertThat(LmsScheduler.weights(even, 4)).containsExactly(near(24, 55, -59, 37, -9), within(1e-14));
    }

    private static double[] near(double divisor, double... weights) {
        return Arrays.stream(weights).map(weight -> weight / divisor).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void integratesPolynomialsExactly(int order) {
        double[] ratios = Arrays.copyOf(new double[] {2, 3.5, 7, 14.6}, order);
        double end = 0.03;
        double[] weights = LmsScheduler.weights(ratios, end);
        for (int power = 0; power < order; power++) {
            double sum = 0;
            for (int i = 0; i < order; i++) {
                sum += weights[i] * Math.pow(ratios[i], power);
            }
            double integral = (Math.pow(end, power + 1) - Math.pow(2, power + 1)) / (power + 1);
            assertThat(sum * (end - 2)).isCloseTo(integral, within(1e-11));
        }
    }

    @Test
    void orderOneIsEuler() {
        EulerScheduler euler = new EulerScheduler(Runs.levels(Runs.timetable(TimestepSpacing.LINSPACE)));
        Plan plan = lms(1).plan(12);
        assertThat(plan).isEqualTo(euler.plan(12));
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            double[] expected =
                    Runs.run(euler, plan, start, data, Runs.NO_NOISE).toDoubleArray();
            assertThat(Runs.run(lms(1), plan, start, data, Runs.NO_NOISE).toDoubleArray())
                    .containsExactly(expected, within(1e-12));
        }
    }

    @Test
    void isOfSecondOrderAtLeastFromTwoAnswersOn() {
        assertThat(Runs.gain(lms(1), 64)).isCloseTo(2, within(0.15));
        assertThat(Runs.gain(lms(2), 512)).isCloseTo(4, within(0.4));
        assertThat(Runs.gain(lms(3), 512)).isGreaterThan(3.6);
        assertThat(Runs.gain(lms(4), 512)).isGreaterThan(3.6);
    }

    @Test
    void keepsNoMoreThanItNeeds() {
        Plan plan = lms(3).plan(10);
        try (NDManager manager = NDManager.newBaseManager()) {
            SamplerState state = SamplerState.start(manager.create(new float[] {1, 2}));
            for (int i = 0; i < 5; i++) {
                assertThat(state.history()).hasSize(Math.min(i, 2));
                state = lms(3).step(plan, state, new GaussianData(0, 1), Runs.NO_NOISE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void refusesOtherOrders(int order) {
        assertThatThrownBy(() -> lms(order))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("order is " + order + "; lms expected 1 to 4");
    }

    private static LmsScheduler lms(int order) {
        return new LmsScheduler(Runs.levels(Runs.timetable(TimestepSpacing.LINSPACE)), order);
    }
}
