package io.latent4j.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MixedNoiseTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void goesAlongTheArcOfEachImage() {
        NDArray latents = manager.zeros(new Shape(2, 1, 1, 2));
        NoiseSource from = like -> manager.create(new float[] {1, 0, 0, 3}, like.getShape());
        NoiseSource to = like -> manager.create(new float[] {0, 2, 0, 1}, like.getShape());
        // a third of a right angle: sin 60 and sin 30; and two that point the same way
        assertThat(NoiseSource.mixed(from, to, 1.0 / 3).like(latents).toFloatArray())
                .containsExactly(new float[] {(float) Math.sqrt(0.75), 1, 0, 7f / 3}, within(1e-6f));
    }

    @Test
    void beginsAndEndsAtTheTwo() {
        NDArray latents = manager.zeros(new Shape(2, 4, 5, 6));
        for (boolean stretch : List.of(false, true)) {
            assertThat(draw(mixed(0), latents, stretch)).isEqualTo(draw(NoiseSource.perImage(3, 2), latents, stretch));
            assertThat(draw(mixed(1), latents, stretch)).isEqualTo(draw(NoiseSource.perImage(8, 2), latents, stretch));
        }
    }

    private static float[] draw(NoiseSource noise, NDArray latents, boolean stretch) {
        return (stretch ? noise.between(latents, 1, 2) : noise.like(latents)).toFloatArray();
    }

    private static NoiseSource mixed(double share) {
        return NoiseSource.mixed(NoiseSource.perImage(3, 2), NoiseSource.perImage(8, 2), share);
    }

    @Test
    void keepsTheVariance() {
        NDArray latents = manager.zeros(new Shape(1, 4, 50, 50));
        NoiseSource mixed = NoiseSource.mixed(new TorchRandom(1), new TorchRandom(2), 0.5);
        assertThat(mixed.like(latents).square().mean().getFloat()).isCloseTo(1, within(0.05f));
    }

    @Test
    void refusesAShareBeyondTheTwo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mixed(1.5))
                .withMessage("the share is 1.5; expected 0 to 1");
    }
}
