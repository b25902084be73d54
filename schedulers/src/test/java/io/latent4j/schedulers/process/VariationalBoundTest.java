package io.latent4j.schedulers.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.samplers.GaussianData;
import io.latent4j.schedulers.samplers.Runs;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VariationalBoundTest {
    private static final double STD = 0.25;

    private final GaussianData data = new GaussianData(0.1, STD);
    private final ForwardProcess forward = new ForwardProcess(NoiseSchedule.linear(200, 0.0005, 0.1));
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** The steps back of Gaussian data are Gaussian, so a model that knows their variance pays the entropy and no more. */
    @Test
    void isTheEntropyOfGaussianDataForTheIdealModel() {
        VariationalBound bound = new VariationalBound(forward, DdpmVariance.LEARNED);
        NDArray x0 = pixels(40_000);
        assertThat(mean(bound.total(x0, this::ideal, Runs.noise(2)))).isCloseTo(entropy(), within(0.01));
        assertThat(mean(bound.prior(x0))).isBetween(0.0, 0.001);
    }

    @Test
    void isLooserWithAVarianceThatIsNotTheRightOne() {
        NDArray x0 = pixels(4_000);
        double small = mean(new VariationalBound(forward, DdpmVariance.FIXED_SMALL).total(x0, data, Runs.noise(2)));
        double large = mean(new VariationalBound(forward, DdpmVariance.FIXED_LARGE).total(x0, data, Runs.noise(2)));
        assertThat(small).isGreaterThan(entropy() + 0.02);
        assertThat(large).isGreaterThan(entropy() + 0.02);
    }

    @Test
    void theRangeOfLearnedVariancesEndsAtBothFixedOnes() {
        NDArray x = pixels(6);
        for (int t : new int[] {1, 60}) {
            assertThat(reverseStd(DdpmVariance.LEARNED_RANGE, x, -1, t))
                    .isCloseTo(reverseStd(DdpmVariance.FIXED_SMALL, x, 0, t), within(1e-7));
            assertThat(reverseStd(DdpmVariance.LEARNED_RANGE, x, 1, t))
                    .isCloseTo(reverseStd(DdpmVariance.FIXED_LARGE, x, 0, t), within(1e-7))
                    .isCloseTo(Math.sqrt(forward.beta(t)), within(1e-7));
        }
    }

    private double reverseStd(DdpmVariance variance, NDArray x, double raw, int t) {
        Prediction prediction = new Prediction(x, x, Optional.of(x.onesLike().mul(raw)));
        return new VariationalBound(forward, variance)
                .reverse(x, prediction, t, t)
                .std()
                .max()
                .getFloat();
    }

    @Test
    void pixelsCostWhatTheirLevelsAreLessLikely() {
        VariationalBound bound = new VariationalBound(forward, DdpmVariance.LEARNED);
        NDArray level = manager.create(new float[] {-1, -1f / 255, 1}).reshape(3, 1);
        // N(0, 100²) is flat over the 254 levels within, which get 2 / 255 of its density each; the outermost, half of
        // it
        Prediction flat = prediction(level.zerosLike(), 100 * 100);
        float[] bits = bound.terms(level, level, flat, 0, 0, 0).toFloatArray();
        double within = -Math.log(2.0 / 255 / 100 / Math.sqrt(2 * Math.PI)) / Math.log(2);
        assertThat((double) bits[1]).isCloseTo(within, within(1e-4));
        assertThat((double) bits[0]).isCloseTo(1.011, within(0.01));
        assertThat((double) bits[2]).isCloseTo(bits[0], within(1e-4));
        Prediction certain = prediction(level, 1e-8);
        assertThat(bound.terms(level, level, certain, 0, 0, 0).toFloatArray()).containsOnly(0);
    }

    @Test
    void everyImageHasATermOfItsOwnTimestep() {
        VariationalBound bound = new VariationalBound(forward, DdpmVariance.FIXED_SMALL);
        NDArray x0 = pixels(8).reshape(2, 8);
        NDArray x = forward.noisy(x0, Runs.noise(3).like(x0), 0, 50);
        Prediction guess = prediction(x0.mul(0.9), 0);
        float[] both = bound.terms(x0, x, guess, 0, 50).toFloatArray();
        float first = bound.terms(
                        x0.get("0:1"), x.get("0:1"), prediction(x0.get("0:1").mul(0.9), 0), 0)
                .getFloat();
        float second = bound.terms(
                        x0.get("1:2"), x.get("1:2"), prediction(x0.get("1:2").mul(0.9), 0), 50)
                .getFloat();
        assertThat(both).containsExactly(first, second);
    }

    @Test
    void gradientsReachTheLearnedVarianceAndStayFinite() {
        VariationalBound bound = new VariationalBound(forward, DdpmVariance.LEARNED_RANGE);
        NDArray x0 = manager.create(new float[] {-1, 0.3f, 1, -1, 0.3f, 1}).reshape(2, 3);
        NDArray x = forward.noisy(x0, Runs.noise(3).like(x0), 0, 50);
        NDArray raw = manager.zeros(new Shape(2, 3));
        raw.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            Prediction prediction = new Prediction(x0.add(0.2), x, Optional.of(raw));
            collector.backward(bound.terms(x0, x, prediction, 0, 50).sum());
        }
        for (float gradient : raw.getGradient().toFloatArray()) {
            assertThat(gradient).isFinite().isNotZero();
        }
    }

    @Test
    void refusesToLearnAVarianceTheNetworkDoesNotTell() {
        VariationalBound bound = new VariationalBound(forward, DdpmVariance.LEARNED);
        NDArray x = pixels(2);
        assertThatThrownBy(() -> bound.reverse(x, new Prediction(x, x), 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the network tells no variance; expected");
    }

    /** In bits: differential, and the 127.5 levels a unit. */
    private static double entropy() {
        return Math.log(STD * Math.sqrt(2 * Math.PI * Math.E) * 127.5) / Math.log(2);
    }

    /** The posterior's mean at the expected x0, and its variance widened by the variance of x0. */
    private Prediction ideal(NDArray x, NoiseLevel at) {
        int t = (int) at.timestep();
        double unknown =
                STD * STD * at.sigma() * at.sigma() / (at.alpha() * at.alpha() * STD * STD + at.sigma() * at.sigma());
        NDArray none = manager.zeros(new Shape(1));
        double slope = forward.posterior(none, none.add(1), t).mean().getFloat();
        double posterior = t == 0
                ? 0
                : Math.exp(forward.posterior(none, none, t).logVariance().getFloat());
        Prediction plain = data.predict(x, at);
        double variance = posterior + slope * slope * unknown;
        return new Prediction(plain.x0(), plain.eps(), Optional.of(x.zerosLike().add(variance)));
    }

    private static Prediction prediction(NDArray x0, double variance) {
        return new Prediction(x0, x0, Optional.of(x0.zerosLike().add(variance)));
    }

    /** Two images of Gaussian data, rounded to the 256 levels. */
    private NDArray pixels(int each) {
        NDArray values =
                Runs.noise(1).like(manager.zeros(new Shape(2, each))).mul(STD).add(0.1);
        return values.add(1).mul(127.5).round().div(127.5).sub(1).clip(-1, 1);
    }

    private static double mean(NDArray bits) {
        return bits.mean().getFloat();
    }
}
