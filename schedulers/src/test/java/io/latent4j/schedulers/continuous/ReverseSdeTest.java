package io.latent4j.schedulers.continuous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReverseSdeTest {
    private static final MixtureData DATA = new MixtureData(0.6, 0.3);

    static Stream<Sde> all() {
        return Stream.of(
                new VariancePreserving(),
                new VarianceExploding(0.01, 20),
                new ScheduledSde(NoiseSchedule.linear(1000, 0.0001, 0.02)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void samplesHaveTheMomentsOfTheData(Sde sde) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = sample(manager, sde, new ReverseSde(sde, Score.of(sde, DATA), 1000), 8_000, 2);
            assertThat(MixtureData.mean(x, 1)).isCloseTo(0, within(0.025));
            assertThat(MixtureData.mean(x, 2)).isCloseTo(DATA.variance(), within(0.015));
            double fourth = Math.pow(0.6, 4) + 6 * 0.36 * 0.09 + 3 * Math.pow(0.3, 4);
            assertThat(MixtureData.mean(x, 4)).isCloseTo(fourth, within(0.03));
        }
    }

    @Test
    void correctionsMakeUpForFewSteps() {
        Sde sde = new VarianceExploding(0.01, 20);
        Score score = Score.of(sde, new MixtureData(0, 0.5));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray predicted = sample(manager, sde, new ReverseSde(sde, score, 10), 400, 64);
            NDArray corrected = sample(manager, sde, new ReverseSde(sde, score, 10, 5, 0.16), 400, 64);
            double plain = Math.abs(Math.sqrt(MixtureData.mean(predicted, 2)) - 0.5);
            double better = Math.abs(Math.sqrt(MixtureData.mean(corrected, 2)) - 0.5);
            assertThat(better).isLessThan(plain / 2);
        }
    }

    @Test
    void correctionsKeepTheMarginal() {
        Sde sde = new VariancePreserving();
        Score score = Score.of(sde, new MixtureData(0, 0.5));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = sample(manager, sde, new ReverseSde(sde, score, 300, 1, 0.1), 400, 64);
            assertThat(Math.sqrt(MixtureData.mean(x, 2))).isCloseTo(0.5, within(0.015));
        }
    }

    @Test
    void anImageIsTheSameInAnyBatch() {
        Sde sde = new VariancePreserving();
        ReverseSde reverse = new ReverseSde(sde, Score.of(sde, DATA), 10, 1, 0.16);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray two = manager.ones(new Shape(2, 16)).mul(0.3);
            NDArray both = reverse.sample(two, NoiseSource.perImage(5, 2));
            NDArray first = reverse.sample(two.get("0:1"), NoiseSource.perImage(5, 1));
            assertThat(both.get("0:1").sub(first).abs().max().getFloat()).isLessThan(1e-5f);
        }
    }

    @Test
    void leavesNothingButTheResult() {
        Sde sde = new VariancePreserving();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.ones(new Shape(2, 16));
            NoiseSource noise = new TorchRandom(1);
            int before = manager.getManagedArrays().size();
            new ReverseSde(sde, Score.of(sde, DATA), 20, 1, 0.16)
                    .sample(start, noise)
                    .close();
            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }

    @Test
    void refusesRunsWithoutSteps() {
        Sde sde = new VariancePreserving();
        assertThatThrownBy(() -> new ReverseSde(sde, Score.of(sde, DATA), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("steps is 0, corrections 0 and snr 0.16; expected");
    }

    private static NDArray sample(NDManager manager, Sde sde, ReverseSde reverse, int images, int dimensions) {
        NoiseSource noise = new TorchRandom(7);
        NDArray start = sde.prior(noise.like(manager.zeros(new Shape(images, dimensions))));
        return reverse.sample(start, noise);
    }
}
