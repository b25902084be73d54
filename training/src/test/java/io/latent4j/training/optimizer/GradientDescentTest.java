package io.latent4j.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GradientDescentTest {
    private static final AdamW.Settings PLAIN = new AdamW.Settings(0, 0, 1e-30, 0); // steps of ± the rate

    @Test
    void addsUpSharesOfBatches() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new float[] {3, -2});
            Parameters parameters = Parameters.ofArrays(Map.of("x", x));
            GradientDescent descent = new GradientDescent(parameters, PLAIN, Optional.empty());
            addSquare(descent, x, 0.25);
            addSquare(descent, x, 0.75);
            assertThat(parameters.gradients().get(0).toFloatArray()).containsExactly(6, -4);
            assertThat(descent.norm()).isCloseTo(Math.sqrt(52), within(1e-5));
        }
    }

    @Test
    void stepsAgainstTheGradientAndForgetsIt() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new float[] {3, -2});
            Parameters parameters = Parameters.ofArrays(Map.of("x", x));
            GradientDescent descent = new GradientDescent(parameters, PLAIN, Optional.of(1.0));
            addSquare(descent, x, 1);
            descent.step(0.5);
            assertThat(x.stopGradient().toFloatArray()).containsExactly(2.5f, -1.5f);
            assertThat(descent.norm()).isZero();
        }
    }

    @SuppressWarnings("try")
    private static void addSquare(GradientDescent descent, NDArray x, double share) {
        try (NDScope scope = new NDScope()) {
            descent.add(false, share, pass -> new Objective.Loss(x.square().sum(), Map.of()));
        }
    }
}
