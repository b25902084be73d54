package io.latent4j.training.batches;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.pipeline.model.Components;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentNameTest {
    private static AutoencoderKL autoencoder(NDManager manager, long seed) {
        AutoencoderKL vae = new AutoencoderKL(
                new AutoencoderKLConfig(3, 3, List.of(8, 8), 1, 4, 4, false, true, true, 1, 0, false));
        Initialization.fill(vae, manager, seed);
        return vae;
    }

    @Test
    void isAnotherForOneOtherNumber() {
        try (NDManager manager = NDManager.newBaseManager()) {
            AutoencoderKL vae = autoencoder(manager, 1);
            String name = ContentName.of(vae, vae.config());
            assertThat(ContentName.of(autoencoder(manager, 1), vae.config())).isEqualTo(name);
            assertThat(ContentName.of(autoencoder(manager, 2), vae.config())).isNotEqualTo(name);
            assertThat(ContentName.of(vae, "another shape")).isNotEqualTo(name);
            List<NDArray> last = List.of(vae.getParameters()
                    .get(vae.getParameters().size() - 1)
                    .getValue()
                    .getArray());
            float[] values = last.get(0).toFloatArray();
            values[values.length - 1] += 1e-3f;
            ParameterOps.copy(last, List.of(manager.create(values, last.get(0).getShape())));
            assertThat(ContentName.of(vae, vae.config())).isNotEqualTo(name);
        }
    }

    @Test
    void isAnotherForWeightsHeldInAnotherType() throws IOException {
        Set<String> names = new HashSet<>();
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16)) {
            try (Components parts = Components.embedded(Device.cpu(), type)) {
                names.add(ContentName.of(
                        parts.textEncoder().block(), parts.textEncoder().config()));
            }
        }
        assertThat(names).hasSize(3);
    }
}
