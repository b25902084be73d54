package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.vae.Autoencoder;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the embedded model's autoencoder loses in bfloat16. */
class AutoencoderPrecisionTest {
    private static final double LEAST_DECIBEL = 50;

    @Test
    void imagesInBfloat16AreNearThoseInFloat32() throws IOException {
        try (Components wide = Components.embedded(Device.cpu(), DataType.FLOAT32);
                Components narrow = Components.embedded(Device.cpu(), DataType.BFLOAT16);
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray latents = wide.vae().unscaled(new TorchRandom(4).normal(manager, new Shape(1, 4, 24, 24)));
            NDArray expected = decoded(wide.vae(), latents, 0);
            NDArray low = Ops.cast(latents, DataType.BFLOAT16);
            double whole = decibel(decoded(narrow.vae(), low, 0), expected);
            double tiled = decibel(decoded(narrow.vae(), low, 64), decoded(wide.vae(), latents, 64));
            assertThat(whole).isBetween(LEAST_DECIBEL, 80.0);
            assertThat(tiled).isBetween(LEAST_DECIBEL, 80.0);
        }
    }

    private static NDArray decoded(Autoencoder vae, NDArray latents, int tile) {
        NDArray image =
                tile == 0 ? vae.decode(Pass.inference(), latents) : vae.decodeInTiles(Pass.inference(), latents, tile);
        return Ops.cast(image, DataType.FLOAT32).clip(-1, 1);
    }

    /** The signal-to-noise ratio at the peak, of images in [-1, 1]. */
    private static double decibel(NDArray image, NDArray expected) {
        return 10 * Math.log10(4 / image.sub(expected).square().mean().getFloat());
    }
}
