package io.latent4j.training.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import org.junit.jupiter.api.Test;

class ImageQualityTest {

    @Test
    void psnrIsThatOfTheMeanSquare() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray black = manager.ones(new Shape(1, 3, 4, 4)).neg();
            assertThat(ImageQuality.psnr(black, black.add(0.2))).isCloseTo(20, within(1e-4)); // a tenth of the span
        }
    }

    @Test
    void equalImagesAreWhollySimilar() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = images(manager, 1);
            assertThat(ImageQuality.ssim(x, x)).isCloseTo(1, within(1e-5));
            assertThat(ImageQuality.ssim(x, images(manager, 2))).isLessThan(0.3);
        }
    }

    @Test
    void flatImagesDifferInLuminanceOnly() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray a = manager.ones(new Shape(1, 3, 12, 12)).mul(-0.5); // 0.25 in [0, 1]
            NDArray b = manager.ones(new Shape(1, 3, 12, 12)).mul(0.5); // 0.75
            double expected = (2 * 0.25 * 0.75 + 1e-4) / (0.25 * 0.25 + 0.75 * 0.75 + 1e-4);
            assertThat(ImageQuality.ssim(a, b)).isCloseTo(expected, within(1e-3));
        }
    }

    @Test
    void agreesWithSumsOverEveryWindow() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = images(manager, 3);
            NDArray y = x.mul(0.7).add(images(manager, 4).mul(0.3));
            assertThat(ImageQuality.ssim(x, y)).isCloseTo(bySums(x, y), within(1e-5));
        }
    }

    @Test
    void refusesImagesSmallerThanTheWindow() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.zeros(new Shape(1, 3, 11, 10));
            assertThatThrownBy(() -> ImageQuality.ssim(x, x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(1, 3, 11, 10)")
                    .hasMessageContaining("at least 11");
        }
    }

    private static NDArray images(NDManager manager, long seed) {
        return new TorchRandom(seed).normal(manager, new Shape(2, 3, 13, 14)).mul(0.4);
    }

    /** The definition, in doubles. */
    private static double bySums(NDArray a, NDArray b) {
        float[] x = a.toFloatArray();
        float[] y = b.toFloatArray();
        int height = 13;
        int width = 14;
        double sum = 0;
        int places = 0;
        for (int plane = 0; plane < 6; plane++) {
            for (int top = 0; top + 11 <= height; top++) {
                for (int left = 0; left + 11 <= width; left++) {
                    double weights = 0;
                    double[] moments = new double[5];
                    for (int i = 0; i < 11; i++) {
                        for (int j = 0; j < 11; j++) {
                            int at = (plane * height + top + i) * width + left + j;
                            double w = Math.exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / (2 * 1.5 * 1.5));
                            double p = (x[at] + 1) / 2;
                            double q = (y[at] + 1) / 2;
                            weights += w;
                            moments[0] += w * p;
                            moments[1] += w * q;
                            moments[2] += w * p * p;
                            moments[3] += w * q * q;
                            moments[4] += w * p * q;
                        }
                    }
                    double p = moments[0] / weights;
                    double q = moments[1] / weights;
                    double pp = moments[2] / weights - p * p;
                    double qq = moments[3] / weights - q * q;
                    double pq = moments[4] / weights - p * q;
                    sum += (2 * p * q + 1e-4) * (2 * pq + 9e-4) / ((p * p + q * q + 1e-4) * (pp + qq + 9e-4));
                    places++;
                }
            }
        }
        return sum / places;
    }
}
