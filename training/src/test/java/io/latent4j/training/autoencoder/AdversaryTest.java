package io.latent4j.training.autoencoder;

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
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdversaryTest {
    private static final Shape IMAGES = new Shape(2, 3, 16, 16);
    private static final Adversary.Settings SETTINGS = new Adversary.Settings(3, 0.5, 8, 2, 1e-3);

    @Test
    void learnsToTellImagesApart() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Adversary adversary = new Adversary(SETTINGS, manager, 1);
            double before = learn(adversary, manager, 0);
            for (int step = 1; step < 60; step++) {
                learn(adversary, manager, step);
            }
            assertThat(before).isGreaterThan(0.8);
            assertThat(learn(adversary, manager, 60)).isLessThan(0.4);
        }
    }

    /** Smooth images against noise. */
    @SuppressWarnings("try")
    private static double learn(Adversary adversary, NDManager manager, int step) {
        try (NDScope scope = new NDScope()) {
            TorchRandom random = new TorchRandom(step);
            NDArray smooth = random.normal(manager, new Shape(2, 3, 1, 1))
                    .broadcast(IMAGES)
                    .mul(0.5);
            return adversary
                    .learn(smooth, random.normal(manager, IMAGES).mul(0.5), 1, true)
                    .getFloat();
        }
    }

    @Test
    @SuppressWarnings("try")
    void isNotMovedByTheDeceit() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Adversary adversary = new Adversary(SETTINGS, manager, 1);
            NDArray decoded = new TorchRandom(2).normal(manager, IMAGES);
            decoded.setRequiresGradient(true);
            try (NDScope scope = new NDScope();
                    GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                collector.backward(adversary.deceit(decoded));
            }
            assertThat(decoded.getGradient().abs().max().getFloat()).isPositive();
            for (Map.Entry<String, NDArray> array : adversary.state().entrySet()) {
                if (array.getKey().startsWith("discriminator.")) {
                    assertThat(array.getValue().getGradient().abs().max().getFloat())
                            .as(array.getKey())
                            .isZero();
                }
            }
        }
    }

    @Test
    @SuppressWarnings("try")
    void isAsStrongAsTheReconstructionTimesItsWeight() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Adversary adversary = new Adversary(SETTINGS, manager, 1);
            NDArray layer = manager.create(new float[] {3, 4});
            layer.setRequiresGradient(true);
            try (NDScope scope = new NDScope();
                    GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray reconstruction = layer.square().sum(); // gradient of norm 10
                NDArray deceit = layer.mul(manager.create(new float[] {0, 2})).sum(); // of norm 2
                assertThat(adversary.balance(reconstruction, deceit, layer)).isCloseTo(0.5 * 5, within(1e-3));
                assertThat(adversary.balance(reconstruction, deceit.mul(0), layer))
                        .isEqualTo(0.5 * 1e4);
            }
        }
    }

    @Test
    void playsFromItsStart() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Adversary adversary = new Adversary(SETTINGS, manager, 1);
            assertThat(adversary.plays(2)).isFalse();
            assertThat(adversary.plays(3)).isTrue();
        }
    }

    @Test
    void refusesWhatItCannotBe() {
        assertThatThrownBy(() -> new PatchDiscriminator(12, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12 channels");
        assertThatThrownBy(() -> new Adversary.Settings(0, 0, 8, 3, 1e-4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weight is 0.0");
    }
}
