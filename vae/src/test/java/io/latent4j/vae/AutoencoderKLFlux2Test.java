package io.latent4j.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutoencoderKLFlux2Test {
    private final NDManager manager = NDManager.newBaseManager("PyTorch");
    private final AutoencoderKLFlux2 vae = new AutoencoderKLFlux2(new AutoencoderKLFlux2Config(
            new AutoencoderKLConfig(3, 3, List.of(8, 8), 1, 2, 4, true, true, true, 1, 0, false), 0.25));

    @BeforeEach
    void fill() {
        vae.initialize(manager, DataType.FLOAT32);
        vae.getParameters().get("bn.running_mean").getArray().set(new float[] {0, 1, 2, 3, 4, 5, 6, 7});
        vae.getParameters().get("bn.running_var").getArray().set(new float[] {2, 2, 2, 2, 6, 6, 6, 6});
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Channel 4 c + 2 p + q is channel c at row p and column q of a square. */
    @Test
    void takesSquaresRowByRow() {
        NDArray latents = manager.arange(16f).reshape(1, 2, 2, 4);

        NDArray patches = AutoencoderKLFlux2.patches(latents);

        assertThat(patches.getShape()).isEqualTo(new Shape(1, 8, 1, 2));
        assertThat(patches.get("0, :, 0, 1").toFloatArray()).containsExactly(2, 3, 6, 7, 10, 11, 14, 15);
        assertThat(AutoencoderKLFlux2.latentsOf(patches)).isEqualTo(latents);
    }

    @Test
    void normalizesEachChannelAndBack() {
        NDArray patches = manager.ones(new Shape(1, 8, 1, 1));

        NDArray scaled = vae.scaled(patches);

        float small = (float) (1 / Math.sqrt(2.25));
        float large = (float) (1 / Math.sqrt(6.25));
        float[] expected = {small, 0, -small, -2 * small, -3 * large, -4 * large, -5 * large, -6 * large};
        assertThat(scaled.toFloatArray()).containsExactly(expected, within(1e-6f));
        assertThat(vae.unscaled(scaled).toFloatArray()).containsExactly(patches.toFloatArray(), within(1e-6f));
    }

    @Test
    void halvesTheImageOnceMoreThanItsNetwork() {
        NDArray image = manager.zeros(new Shape(1, 3, 16, 24));

        assertThat(vae.encode(Pass.inference(), image).mode().getShape()).isEqualTo(new Shape(1, 8, 4, 6));
        assertThat(vae.decode(Pass.inference(), manager.zeros(new Shape(1, 8, 4, 6)))
                        .getShape())
                .isEqualTo(new Shape(1, 3, 16, 24));
        assertThat(vae.config().downscale()).isEqualTo(4);
    }

    @Test
    void leavesOutTheCountOfBatches() {
        assertThat(vae.keyOf("bn.num_batches_tracked")).isEmpty();
        assertThat(vae.keyOf("bn.running_mean")).contains("bn.running_mean");
        JsonObject json = new JsonObject();
        json.addProperty("_class_name", "AutoencoderKLFlux2");
        assertThat(Autoencoder.of(Config.of("config.json", json))).isInstanceOf(AutoencoderKLFlux2.class);
    }
}
