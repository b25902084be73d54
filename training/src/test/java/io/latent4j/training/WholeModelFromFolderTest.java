package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.run.ModelFolder;
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
            model: "%1$s"
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
                    assertThat(after.textEncoder().block().shapes())
                            .isEqualTo(before.textEncoder().block().shapes());
                    assertThat(after.defaults()).isEqualTo(before.defaults());
                    assertThat(after.scheduler().predictionType())
                            .isEqualTo(before.scheduler().predictionType());
                    assertThat(after.tokenizer().vocabularySize())
                            .isEqualTo(before.tokenizer().vocabularySize());
                }
            }
        }
        assertThat(losses).hasSize(1).allMatch(Double::isFinite);
    }

    @Test
    void takesOtherPartsWhereTheyAreNamed() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path other = folder.resolve("other");
            ModelFolder.copy(model.folder().resolve("unet"), other);
            String unlike = "scheduler={_class_name: EulerDiscreteScheduler, num_train_timesteps: 500}";
            Path written = open(model.folder(), unlike, "unet.from=other");
            JsonObject scheduler = Config.read(written.resolve("scheduler/scheduler_config.json"))
                    .json();
            assertThat(scheduler.get("num_train_timesteps").getAsInt()).isEqualTo(500);
            JsonObject index = Config.read(written.resolve("model_index.json")).json();
            assertThat(index.getAsJsonArray("scheduler").get(1).getAsString()).isEqualTo("EulerDiscreteScheduler");
            Files.delete(other.resolve("config.json"));
            assertThatThrownBy(() -> open(model.folder(), "unet.from=other"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(other.resolve("config.json") + ": does not exist");
        }
    }

    @Test
    void refusesWhatIsNoModelOrSdxl() throws IOException {
        TinyXl.write(folder.resolve("xl"));
        String refusal =
                ": is of another family, such as Stable Diffusion XL, of which adapters can be trained but not all weights";
        assertThatThrownBy(() -> open(folder.resolve("xl")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("xl" + refusal);
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            assertThatThrownBy(() -> open(model.folder(), "unet.from=xl/unet"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unet" + refusal);
        }
        assertThatThrownBy(() -> open(folder.resolve("none")))
                .hasMessageContaining("none: has no folder unet; expected a model's folder");
    }

    /** Trains the model in {@code model} a step; answers the folder written. */
    private Path open(Path model, String... changes) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, RUN.formatted(model.toString().replace('\\', '/')));
        try (NDManager manager = NDManager.newBaseManager();
                TextToImageTraining training = TextToImageTraining.open(
                        file, new StartOptions(true, List.of(changes)), manager, new Silent(loss -> {}))) {
            return training.run().orElseThrow();
        }
    }
}
