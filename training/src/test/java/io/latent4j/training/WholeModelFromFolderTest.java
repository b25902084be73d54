package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of a model that is there is trained further. */
class WholeModelFromFolderTest {
    private static final String RUN = """
            output: run
            data: {scenes: 4, set_aside: 1, size: 16}
            autoencoder: "%1$s/vae"
            tokenizer: {from: "%1$s/tokenizer"}
            text_encoder: {from: "%1$s/text_encoder"}
            unet: {from: "%1$s/unet"}
            scheduler: {num_train_timesteps: 1000, beta_schedule: linear, prediction_type: v_prediction}
            training: {steps: 1, batch: 1, rate: 1e-3}
            """;

    @TempDir
    private Path folder;

    @Test
    void goesOnFromItsPartsAndWritesAModelOfTheSameKind() throws IOException {
        Path file = folder.resolve("run.yaml");
        List<Double> losses = new ArrayList<>();
        try (EmbeddedModel model = EmbeddedModel.unpack();
                NDManager manager = NDManager.newBaseManager()) {
            Files.writeString(file, RUN.formatted(model.folder().toString().replace('\\', '/')));
            try (TextToImageTraining training = TextToImageTraining.open(file, manager, new Silent(losses::add))) {
                Path written = training.run().orElseThrow();
                try (Components before = Components.embedded(Device.cpu(), DataType.FLOAT32);
                        Components after = Components.load(written, Device.cpu(), DataType.FLOAT32)) {
                    assertThat(after.unet().shapes()).isEqualTo(before.unet().shapes());
                    assertThat(after.textEncoder().shapes())
                            .isEqualTo(before.textEncoder().shapes());
                    assertThat(after.tokenizer().vocabularySize())
                            .isEqualTo(before.tokenizer().vocabularySize());
                }
            }
        }
        assertThat(losses).hasSize(1).allMatch(Double::isFinite);
    }
}
