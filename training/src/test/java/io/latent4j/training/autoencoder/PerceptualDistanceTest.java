package io.latent4j.training.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class PerceptualDistanceTest {
    private static final Shape IMAGES = new Shape(2, 3, 8, 8);

    private static AutoencoderKL network(NDManager manager, Integer... channels) {
        AutoencoderKL network = new AutoencoderKL(
                new AutoencoderKLConfig(3, 3, List.of(channels), 1, 4, 4, false, true, true, 1, 0, false));
        Initialization.fill(network, manager, 1);
        return network;
    }

    /** Its features are red, green, blue and 0: residual branches begin at 0, and the first layer looks at one pixel. */
    private static AutoencoderKL colours(NDManager manager) {
        AutoencoderKL network = network(manager, 4);
        NDArray first = network.getParameters().get("encoder.conv_in.weight").getArray();
        NDArray bias = network.getParameters().get("encoder.conv_in.bias").getArray();
        float[] weights = new float[4 * 3 * 3 * 3];
        for (int colour = 0; colour < 3; colour++) {
            weights[((colour * 3 + colour) * 3 + 1) * 3 + 1] = 1;
        }
        ParameterOps.copy(
                List.of(first, bias),
                List.of(manager.create(weights, first.getShape()), manager.zeros(bias.getShape())));
        return network;
    }

    /** Images of one colour. */
    private static NDArray plain(NDManager manager, float red, float green, float blue) {
        float[] values = new float[(int) IMAGES.size()];
        float[] colour = {red, green, blue};
        for (int i = 0; i < values.length; i++) {
            values[i] = colour[i / 64 % 3];
        }
        return manager.create(values, IMAGES);
    }

    @Test
    void isNothingBetweenEqualImages() {
        try (NDManager manager = NDManager.newBaseManager()) {
            PerceptualDistance distance = new PerceptualDistance(network(manager, 8, 8));
            NDArray images = new TorchRandom(1).normal(manager, IMAGES);
            assertThat(distance.of(images, images).getFloat()).isZero();
            NDArray others = new TorchRandom(2).normal(manager, IMAGES);
            assertThat(distance.of(images, others).getFloat()).isPositive();
        }
    }

    @Test
    void isTheSquareBetweenDirectionsOfFeatures() {
        try (NDManager manager = NDManager.newBaseManager()) {
            PerceptualDistance distance = new PerceptualDistance(colours(manager));
            NDArray red = plain(manager, 1, 0, 0);
            assertThat((double) distance.of(red, plain(manager, 0, 0.5f, 0)).getFloat())
                    .as("red and green, at right angles")
                    .isCloseTo(2, within(1e-5));
            assertThat((double) distance.of(red, plain(manager, 0.3f, 0.3f, 0)).getFloat())
                    .as("red and yellow, at half of one: 2 - 2 cos 45°")
                    .isCloseTo(2 - Math.sqrt(2), within(1e-5));
            assertThat((double) distance.of(red, plain(manager, 0.2f, 0, 0)).getFloat())
                    .as("red and a darker red, the same direction")
                    .isCloseTo(0, within(1e-5));
            assertThat((double) distance.of(red, plain(manager, -1, 0, 0)).getFloat())
                    .as("opposites")
                    .isCloseTo(4, within(1e-5));
        }
    }
}
