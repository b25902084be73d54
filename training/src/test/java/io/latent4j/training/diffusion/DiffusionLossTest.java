package io.latent4j.training.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.process.DdpmVariance;
import io.latent4j.schedulers.process.ForwardProcess;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiffusionLossTest {
    private static final ForwardProcess PROCESS = new ForwardProcess(NoiseSchedule.squaredCosine(100));
    private static final Shape SHAPE = new Shape(2, 3, 4, 4);
    private static final int[] TIMESTEPS = {10, 80};

    @ParameterizedTest
    @EnumSource
    void isNothingForTheTarget(PredictionType type) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = new TorchRandom(1).normal(manager, SHAPE).mul(0.5);
            NDArray eps = new TorchRandom(2).normal(manager, SHAPE);
            NDArray target = PROCESS.target(type, x0, eps, TIMESTEPS);
            DiffusionLoss loss = new DiffusionLoss(PROCESS, type, Optional.empty(), Optional.empty());
            assertThat(loss.of((noisy, times) -> target, x0, eps, TIMESTEPS)
                            .losses()
                            .toFloatArray())
                    .containsExactly(0, 0);
        }
    }

    @Test
    void movesTheVarianceByTheBoundAndTheMeanByTheSquaresOnly() {
        float[][] plain = gradients(Optional.empty());
        float[][] hybrid = gradients(Optional.of(learned(0.001)));
        float[][] heavy = gradients(Optional.of(learned(0.01)));
        assertThat(hybrid[0]).containsExactly(plain[0], within(1e-7f));
        for (int i = 0; i < hybrid[1].length; i++) {
            assertThat((double) heavy[1][i])
                    .isCloseTo(10.0 * hybrid[1][i], within(1e-6 + 1e-4 * Math.abs(heavy[1][i])));
        }
        assertThat(hybrid[1]).isNotEqualTo(new float[hybrid[1].length]);
    }

    @Test
    void weighsTheBoundOfAllTimesteps() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = new TorchRandom(1).normal(manager, SHAPE).mul(0.5);
            NDArray eps = new TorchRandom(2).normal(manager, SHAPE);
            NDArray answer = new TorchRandom(3).normal(manager, new Shape(2, 6, 4, 4));
            DiffusionLoss loss =
                    new DiffusionLoss(PROCESS, PredictionType.EPSILON, Optional.empty(), Optional.of(learned(0.002)));
            DiffusionLoss.Terms terms = loss.of((noisy, times) -> answer, x0, eps, TIMESTEPS);
            float[] simple = terms.simple().toFloatArray();
            float[] bound = terms.bound().orElseThrow().toFloatArray();
            float[] losses = terms.losses().toFloatArray();
            for (int i = 0; i < 2; i++) {
                assertThat(bound[i]).isPositive();
                double expected = simple[i] + 0.002 * 100 * bound[i];
                assertThat((double) losses[i]).isCloseTo(expected, within(1e-5 * expected));
            }
        }
    }

    @Test
    void refusesAnAnswerOfOtherChannels() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = manager.zeros(SHAPE);
            DiffusionLoss loss =
                    new DiffusionLoss(PROCESS, PredictionType.EPSILON, Optional.empty(), Optional.of(learned(0.001)));
            assertThatThrownBy(() -> loss.of((noisy, times) -> noisy, x0, x0, TIMESTEPS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 6 channels");
            assertThatThrownBy(() -> new DiffusionLoss.LearnedVariance(DdpmVariance.FIXED_LARGE, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("FIXED_LARGE");
        }
    }

    private static DiffusionLoss.LearnedVariance learned(double weight) {
        return new DiffusionLoss.LearnedVariance(DdpmVariance.LEARNED_RANGE, weight);
    }

    /** Of an answer, and of the variance beside it. */
    @SuppressWarnings("try")
    private static float[][] gradients(Optional<DiffusionLoss.LearnedVariance> learned) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray mean = new TorchRandom(3).normal(manager, SHAPE);
            NDArray variance = new TorchRandom(4).normal(manager, SHAPE).mul(0.2);
            mean.setRequiresGradient(true);
            variance.setRequiresGradient(true);
            DiffusionLoss loss = new DiffusionLoss(PROCESS, PredictionType.EPSILON, Optional.empty(), learned);
            try (NDScope scope = new NDScope();
                    GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray x0 = new TorchRandom(1).normal(manager, SHAPE).mul(0.5);
                NDArray eps = new TorchRandom(2).normal(manager, SHAPE);
                NDArray answer = learned.isPresent() ? mean.concat(variance, 1) : mean;
                collector.backward(loss.of((noisy, times) -> answer, x0, eps, TIMESTEPS)
                        .losses()
                        .mean());
            }
            float[] ofVariance = learned.isPresent() ? variance.getGradient().toFloatArray() : new float[0];
            return new float[][] {mean.getGradient().toFloatArray(), ofVariance};
        }
    }
}
