package io.latent4j.training.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.training.data.Draws;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossHistoryTest {

    @Test
    void isFullWithTenLossesOfEveryPart() {
        try (NDManager manager = NDManager.newBaseManager()) {
            LossHistory history = new LossHistory(4, 2, manager);
            for (int i = 0; i < 10; i++) {
                assertThat(history.isFull()).isFalse();
                history.add(new int[] {1, 2}, 1, 1);
            }
            assertThat(history.isFull()).isTrue();
        }
    }

    @Test
    void drawsByTheRootOfTheMeanSquareOfTheLastTen() {
        try (NDManager manager = NDManager.newBaseManager()) {
            LossHistory history = new LossHistory(4, 2, manager);
            for (int i = 0; i < 10; i++) {
                history.add(new int[] {0, 3}, 100, 100); // forgotten
            }
            for (int i = 0; i < 5; i++) {
                history.add(new int[] {0, 1, 2, 3}, 1, 7, 2, 2); // roots of 25 and of 4
            }
            double[] p = history.probabilities();
            assertThat(Arrays.stream(p).sum()).isCloseTo(1, within(1e-12));
            assertThat(p[0]).isEqualTo(p[1]).isCloseTo(0.999 * 5 / 14 + 0.001 / 4, within(1e-6));
            assertThat(p[2]).isEqualTo(p[3]).isCloseTo(0.999 * 2 / 14 + 0.001 / 4, within(1e-6));
        }
    }

    @Test
    void weightsKeepTheMeanLossWhatItIs() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TimestepSampler sampler = new TimestepSampler(new Timesteps.ByLoss(5), 0, 10, manager);
            Draws draws = Draws.of(1);
            double sum = 0;
            int batches = 2000;
            for (int i = 0; i < batches; i++) {
                TimestepSampler.Drawn drawn = sampler.draw(draws, 5);
                float[] losses = new float[5];
                for (int j = 0; j < 5; j++) {
                    losses[j] = drawn.timesteps()[j] + 1; // 5.5 on average
                }
                try (NDArray array = manager.create(losses);
                        NDArray mean = sampler.mean(drawn, array)) {
                    sum += mean.getFloat();
                }
            }
            assertThat(sum / batches).isCloseTo(5.5, within(0.05));
            TimestepSampler.Drawn drawn = sampler.draw(draws, 1000);
            assertThat(Arrays.stream(drawn.timesteps()).average().orElseThrow()).isGreaterThan(5.5); // uniform: 4.5
        }
    }

    @Test
    void keepsToARangeOfTimesteps() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Timesteps kind : List.of(new Timesteps.Uniform(), new Timesteps.ByLoss(3))) {
                TimestepSampler sampler = new TimestepSampler(kind, 40, 3, manager);
                Draws draws = Draws.of(1);
                Set<Integer> seen = new TreeSet<>();
                for (int i = 0; i < 20; i++) { // after the first ten there are losses enough to draw by
                    TimestepSampler.Drawn drawn = sampler.draw(draws, 6);
                    IntStream.of(drawn.timesteps()).forEach(seen::add);
                    try (NDArray array = manager.create(new float[] {1, 1, 1, 1, 1, 1})) {
                        sampler.mean(drawn, array).close();
                    }
                }
                assertThat(seen).as("%s", kind).containsExactly(40, 41, 42);
            }
        }
    }

    @Test
    void refusesMorePartsThanTimesteps() {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> new LossHistory(4, 5, manager))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most the 4 timesteps");
        }
    }
}
