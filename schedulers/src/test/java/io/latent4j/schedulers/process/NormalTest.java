package io.latent4j.schedulers.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.samplers.Runs;
import org.junit.jupiter.api.Test;

class NormalTest {

    @Test
    void divergesFromAnotherByTheAverageLogRatioOfDensities() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Normal p = normal(manager, 0.4, 0.7);
            Normal q = normal(manager, -0.3, 1.1);
            NDArray x = p.sample(Runs.noise(1).like(manager.zeros(new Shape(400_000))));
            double sampled =
                    logDensity(x, 0.4, 0.7).sub(logDensity(x, -0.3, 1.1)).mean().getFloat();
            assertThat(p.kl(q).getDouble()).isCloseTo(sampled, within(0.005));
        }
    }

    @Test
    void divergesNotFromItself() {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThat(normal(manager, 3, 0.2).kl(normal(manager, 3, 0.2)).getDouble())
                    .isZero();
        }
    }

    private static NDArray logDensity(NDArray x, double mean, double std) {
        return x.sub(mean).div(std).square().mul(-0.5).sub(Math.log(std));
    }

    private static Normal normal(NDManager manager, double mean, double std) {
        return new Normal(manager.create(mean), manager.create(2 * Math.log(std)));
    }
}
