package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.core.random.TorchRandom;
import org.junit.jupiter.api.Test;

class LeastSquaresTest {

    @Test
    void findsALinearMapAgain() {
        LeastSquares fit = new LeastSquares(3, 2);
        TorchRandom random = new TorchRandom(1);
        for (int i = 0; i < 20; i++) {
            float[] noise = random.normal(2);
            fit.add(new double[] {noise[0], noise[1], 1}, new double[] {2 * noise[0] - noise[1] + 0.5, -3 * noise[1] + 4
            });
        }
        assertThat(fit.solve()).containsExactly(new double[] {2, -1, 0.5, 0, -3, 4}, within(1e-6));
    }

    @Test
    void answersTheMeanWhereThereIsNothingElse() {
        LeastSquares fit = new LeastSquares(2, 1);
        fit.add(new double[] {0, 1}, new double[] {1});
        fit.add(new double[] {0, 1}, new double[] {4});
        assertThat(fit.solve()).containsExactly(new double[] {0, 2.5}, within(1e-6));
    }
}
