package io.latent4j.schedulers.continuous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProbabilityFlowTest {
    private static final MixtureData DATA = new MixtureData(0.6, 0.3);
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<Sde> all() {
        return ReverseSdeTest.all();
    }

    /** Where all is Gaussian, the flow does nothing but stretch. */
    @ParameterizedTest
    @MethodSource("all")
    void stretchesGaussianData(Sde sde) {
        ProbabilityFlow flow = flow(sde, new MixtureData(0, 0.4), new DormandPrince(1e-8, 1e-8));
        NDArray x = manager.create(new double[] {-1, 0.5, 0.01, 2}, new Shape(2, 2));
        double stretch = spread(sde, sde.earliest()) / spread(sde, 1);
        assertThat(largest(flow.sample(x).sub(x.mul(stretch)))).isLessThan(1e-6);
        assertThat(largest(flow.encode(x).sub(x.div(stretch)))).isLessThan(1e-5);
    }

    private static double spread(Sde sde, double t) {
        return Math.hypot(0.4 * sde.scale(t), sde.std(t));
    }

    @ParameterizedTest
    @MethodSource("all")
    void samplesHaveTheMomentsOfTheSdes(Sde sde) {
        NDArray start = sde.prior(new TorchRandom(3).normal(manager, new Shape(8_000, 2)));
        NDArray x = flow(sde, DATA, new DormandPrince()).sample(start);
        assertThat(x.getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(MixtureData.mean(x, 1)).isCloseTo(0, within(0.025));
        assertThat(MixtureData.mean(x, 2)).isCloseTo(DATA.variance(), within(0.015));
        double fourth = Math.pow(0.6, 4) + 6 * 0.36 * 0.09 + 3 * Math.pow(0.3, 4);
        assertThat(MixtureData.mean(x, 4)).isCloseTo(fourth, within(0.03));
    }

    @Test
    void fixedStepsComeToTheSameEnd() {
        Sde sde = new VariancePreserving();
        NDArray start = manager.create(new double[] {0.4, 0.3, -1.5, 0.2}, new Shape(2, 2));
        NDArray exact = flow(sde, DATA, new DormandPrince(1e-9, 1e-9)).sample(start);
        double euler =
                largest(flow(sde, DATA, RungeKutta.euler(200)).sample(start).sub(exact));
        double heun =
                largest(flow(sde, DATA, RungeKutta.heun(200)).sample(start).sub(exact));
        double fourth =
                largest(flow(sde, DATA, RungeKutta.fourth(200)).sample(start).sub(exact));
        assertThat(euler).isLessThan(0.05);
        assertThat(heun).isLessThan(euler / 10);
        assertThat(fourth).isLessThan(heun / 10);
    }

    @Test
    void encodingUndoesSampling() {
        ProbabilityFlow flow = flow(new VariancePreserving(), DATA, new DormandPrince(1e-9, 1e-9));
        NDArray x = DATA.draw(manager, 4, 5, 3);
        assertThat(largest(flow.sample(flow.encode(x)).sub(x))).isLessThan(1e-5);
    }

    @ParameterizedTest
    @MethodSource("all")
    void tellsTheLikelihoodOfData(Sde sde) {
        for (MixtureData data : new MixtureData[] {new MixtureData(0, 0.7), DATA}) {
            double[] images = data.draw(5, 6, 3);
            NDArray x = manager.create(images, new Shape(6, 3));
            double[] got = flow(sde, data, new DormandPrince(1e-7, 1e-7)).logLikelihood(x, Probes.exact());
            double[] expected = data.logDensity(images, 3);
            for (int i = 0; i < expected.length; i++) {
                assertThat(got[i]).isCloseTo(expected[i], within(0.02));
            }
        }
    }

    @Test
    void randomProbesTellTheLikelihoodOnAverage() {
        int images = 300;
        double[] values = DATA.draw(6, images, 2);
        NDArray x = manager.create(values, new Shape(images, 2));
        ProbabilityFlow flow = flow(new VariancePreserving(), DATA, new DormandPrince(1e-5, 1e-5));
        double exact = mean(DATA.logDensity(values, 2));
        assertThat(mean(flow.logLikelihood(x, Probes.rademacher(1, 1)))).isCloseTo(exact, within(0.15));
        assertThat(mean(flow.logLikelihood(x, Probes.rademacher(1, 16)))).isCloseTo(exact, within(0.05));
        assertThat(mean(flow.logLikelihood(x, Probes.gaussian(1, 64)))).isCloseTo(exact, within(0.15));
    }

    @Test
    void aProbeOfSignsIsExactForAGaussian() {
        MixtureData gaussian = new MixtureData(0, 0.5);
        double[] values = gaussian.draw(7, 4, 5);
        ProbabilityFlow flow = flow(new VariancePreserving(), gaussian, new DormandPrince(1e-7, 1e-7));
        double[] got = flow.logLikelihood(manager.create(values, new Shape(4, 5)), Probes.rademacher(9, 1));
        double[] expected = gaussian.logDensity(values, 5);
        for (int i = 0; i < 4; i++) {
            assertThat(got[i]).isCloseTo(expected[i], within(2e-3));
        }
    }

    @Test
    void leavesNothingBehind() {
        ProbabilityFlow flow = flow(new ScheduledSde(NoiseSchedule.squaredCosine(100)), DATA, RungeKutta.heun(5));
        NDArray x = manager.ones(new Shape(2, 3));
        int before = manager.getManagedArrays().size();
        flow.sample(x).close();
        flow.encode(x).close();
        flow.logLikelihood(x, Probes.gaussian(1, 2));
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private static ProbabilityFlow flow(Sde sde, MixtureData data, OdeSolver solver) {
        return new ProbabilityFlow(sde, Score.of(sde, data), solver);
    }

    private static double largest(NDArray x) {
        return x.abs().max().getDouble();
    }

    private static double mean(double[] values) {
        return DoubleStream.of(values).average().orElseThrow();
    }
}
