package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ClippingTest {

    @Test
    void cutsOffAtTheRange() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = manager.create(new float[] {-3, -1, 0.5f, 2}, new Shape(1, 1, 2, 2));
            assertThat(Clipping.toRange(1.5).clip(x0).toFloatArray()).containsExactly(-1.5f, -1, 0.5f, 1.5f);
        }
    }

    @Test
    void dynamicLimitIsEachImagesOwn() {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] tameAndWild = {0.1f, -0.2f, 0.3f, 0.4f, 1, -2, 3, -4};
            NDArray x0 = manager.create(tameAndWild, new Shape(2, 1, 2, 2));
            float[] clipped = Clipping.dynamic(0.5, 10).clip(x0).toFloatArray();
            assertThat(clipped)
                    .containsExactly(new float[] {0.1f, -0.2f, 0.3f, 0.4f, 0.4f, -0.8f, 1, -1}, within(1e-6f));
        }
    }

    @Test
    void dynamicLimitHasAMaximum() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = manager.create(new float[] {1, -2, 3, -4}, new Shape(1, 1, 2, 2));
            assertThat(Clipping.dynamic(1, 2).clip(x0).toFloatArray()).containsExactly(0.5f, -1, 1, -1);
        }
    }

    @Test
    void dynamicLimitMayBeThatOfOtherData() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray like = manager.create(new float[] {1, 2, -2, 0, 10, 0, 0, 0}, new Shape(2, 1, 2, 2));
            NDArray x0 = manager.create(new float[] {1, 2, 3, -8, 1, 2, 3, -8}, new Shape(2, 1, 2, 2));
            // the first image is divided by 8 / 2, the second is within its range
            assertThat(Clipping.dynamic(1, like).clip(x0).toFloatArray())
                    .containsExactly(new float[] {0.25f, 0.5f, 0.75f, -2, 1, 2, 3, -8}, within(1e-6f));
        }
    }

    @Test
    void leavesTheNoiseAsPredicted() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new float[] {8}, new Shape(1, 1, 1, 1));
            Denoiser model = (latents, at) -> new Prediction(latents, latents);
            Prediction p = new ClippedDenoiser(model, Clipping.toRange(1)).predict(x, NoiseLevel.CLEAN);
            assertThat(p.x0().toFloatArray()).containsExactly(1);
            assertThat(p.eps().toFloatArray()).containsExactly(8);
        }
    }

    @Test
    void correctedNoiseIsWhatClippingLeaves() {
        NoiseLevel at = new NoiseLevel(500, 0.6, 0.8);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new double[] {8}, new Shape(1, 1, 1, 1));
            Denoiser model = (latents, level) -> new Prediction(latents, latents);
            Prediction p = new ClippedDenoiser(model, Clipping.toRange(1), true).predict(x, at);
            assertThat(p.eps().getDouble(0, 0, 0, 0)).isCloseTo((8 - 0.6) / 0.8, within(1e-12));
            assertThat(p.at(at).getDouble(0, 0, 0, 0)).isCloseTo(8, within(1e-12));
        }
    }
}
