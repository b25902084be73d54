package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.NoiseLevel;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExponentialStepTest {
    private static final NoiseLevel FROM = NoiseLevel.ofRatio(0, 2);
    private static final NoiseLevel TO = NoiseLevel.ofRatio(0, 0.5);

    @ParameterizedTest
    @ValueSource(doubles = {-30, -1.5, -0.999, -1e-9, 0, 1e-9, 0.3, 1.001, 12})
    void phiIsTheIntegralItStandsFor(double z) {
        for (int index = 1; index <= 4; index++) {
            int power = index - 1;
            double factorial = power < 2 ? 1 : power == 2 ? 2 : 6;
            double integral = integral(0, 1, s -> Math.exp(z * (1 - s)) * Math.pow(s, power) / factorial);
            assertThat(ExponentialStep.phi(index, z)).isCloseTo(integral, within(1e-6 * integral));
        }
    }

    @Test
    void momentsAreIntegralsOverTheStep() {
        double h = TO.lambda() - FROM.lambda();
        for (int power = 0; power < 4; power++) {
            int p = power;
            double data = integral(0, h, d -> TO.alpha() * Math.exp(d - h) * Math.pow(d, p));
            double sde = integral(0, h, d -> TO.alpha() * 2 * Math.exp(2 * (d - h)) * Math.pow(d, p));
            double noise = integral(0, h, d -> -TO.sigma() * Math.exp(h - d) * Math.pow(d, p));
            assertThat(ExponentialStep.ofData(FROM, TO, 0).moment(p)).isCloseTo(data, within(1e-7));
            assertThat(ExponentialStep.ofData(FROM, TO, 1).moment(p)).isCloseTo(sde, within(1e-7));
            assertThat(ExponentialStep.ofNoise(FROM, TO).moment(p)).isCloseTo(noise, within(1e-7));
        }
    }

    @Test
    void isExactForPolynomials() {
        ExponentialStep step = ExponentialStep.ofData(FROM, TO, 0);
        DoubleUnaryOperator output = d -> 3 - 2 * d + 0.7 * d * d;
        double expected = step.keep() * 5
                + integral(0, step.h(), d -> TO.alpha() * Math.exp(d - step.h()) * output.applyAsDouble(d));
        double[] distances = {-0.5, 0, -1.3};
        try (NDManager manager = NDManager.newBaseManager()) {
            List<NDArray> outputs = Arrays.stream(distances)
                    .mapToObj(d -> manager.create(output.applyAsDouble(d)))
                    .toList();
            assertThat(step.solve(manager.create(5.0), step.moments(3), distances, outputs)
                            .getDouble())
                    .isCloseTo(expected, within(1e-7));
        }
    }

    @Test
    void isOfDataAloneAtTheCleanEnd() {
        for (double eta : new double[] {0, 1}) {
            ExponentialStep data = ExponentialStep.ofData(FROM, NoiseLevel.CLEAN, eta);
            assertThat(List.of(data.keep(), data.gain(), data.spread())).containsExactly(0.0, 1.0, 0.0);
        }
        ExponentialStep noise = ExponentialStep.ofNoiseSde(FROM, NoiseLevel.CLEAN);
        assertThat(noise.keep()).isCloseTo(1 / FROM.alpha(), within(1e-12));
        assertThat(noise.gain()).isCloseTo(-FROM.ratio(), within(1e-12));
        assertThat(noise.spread()).isZero();
    }

    @Test
    void noiseMakesUpForWhatIsNotKept() {
        ExponentialStep step = ExponentialStep.ofData(FROM, TO, 1);
        double kept = step.keep() * FROM.sigma();
        assertThat(Math.hypot(kept, step.spread())).isCloseTo(TO.sigma(), within(1e-12));
        assertThat(ExponentialStep.ofNoiseSde(FROM, TO).spread())
                .isCloseTo(TO.sigma() * Math.sqrt(Math.exp(2 * step.h()) - 1), within(1e-12));
    }

    /** The midpoint rule on 20,000 intervals. */
    private static double integral(double low, double high, DoubleUnaryOperator f) {
        int n = 20_000;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += f.applyAsDouble(low + (high - low) * (i + 0.5) / n);
        }
        return sum * (high - low) / n;
    }
}
