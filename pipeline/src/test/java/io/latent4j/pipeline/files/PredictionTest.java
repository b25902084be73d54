package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.hub.DownloadListener;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The embedded model, as if it predicted noise: a folder, and a single file with marks. */
class PredictionTest {
    private static final String SCHEDULER = "scheduler/scheduler_config.json";

    @TempDir
    private static Path folder;

    private static Path model;
    private static Path plain;

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("model");
        try (EmbeddedModel embedded = EmbeddedModel.unpack()) {
            new Conversion(ModelFiles.of(embedded.folder()), Optional.empty()).toFolder(model, (part, to) -> {});
        }
        Path scheduler = model.resolve(SCHEDULER);
        Files.writeString(
                scheduler,
                Files.readString(scheduler)
                        .replace("\"v_prediction\"", "\"epsilon\"")
                        .replace("\"rescale_betas_zero_snr\": true", "\"rescale_betas_zero_snr\": false"));
        plain = folder.resolve("plain.safetensors");
        new Conversion(ModelFiles.of(model), Optional.empty()).toFile(plain, (part, to) -> {});
    }

    /** A copy with other metadata, and tensors that are marks, or without those of a prefix. */
    private static Path copy(String name, Map<String, String> metadata, List<String> marks, String without)
            throws IOException {
        Path copy = folder.resolve(name + ".safetensors");
        try (Checkpoint weights = Checkpoint.open(plain);
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new LinkedHashMap<>();
            for (String key : weights.tensors().keySet()) {
                if (without.isEmpty() || !key.startsWith(without)) {
                    tensors.put(key, weights.read(key, manager));
                }
            }
            marks.forEach(mark -> tensors.put(mark, manager.ones(new Shape(1))));
            SafeTensors.write(copy, tensors, metadata);
        }
        return copy;
    }

    private static FileOptions settings() {
        return FileOptions.none().withConfig(model);
    }

    @Test
    void theOptionBeatsTheFolderOfSettingsAndTheConflictIsSaid() throws IOException {
        ModelFiles files = ModelFiles.of(plain, settings().withPredictionType("v_prediction"));
        assertThat(files.json(SCHEDULER).text("prediction_type")).isEqualTo("v_prediction");
        assertThat(files.warnings()).hasSize(2);
        assertThat(files.warnings().get(0))
                .contains("is taken to predict v_prediction")
                .contains("modelspec.prediction_type says epsilon");
        assertThat(files.warnings().get(1)).contains("prediction_type v_prediction (there: epsilon)");
        assertThat(ModelFiles.of(plain, settings()).warnings()).isEmpty();
        assertThat(ModelFiles.of(plain, settings().withPredictionType("epsilon"))
                        .warnings())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"v_pred, false", "ztsnr, true"})
    void theFilesMarksBeatTheFolderOfSettings(String mark, boolean toZeroSnr) throws IOException {
        ModelFiles files = ModelFiles.of(copy(mark, Map.of(), List.of(mark), ""), settings());
        Config scheduler = files.json(SCHEDULER);
        assertThat(scheduler.text("prediction_type")).isEqualTo("v_prediction");
        assertThat(scheduler.flag("rescale_betas_zero_snr", false)).isEqualTo(toZeroSnr);
        assertThat(scheduler.integer("num_train_timesteps"))
                .isEqualTo(ModelFiles.of(model).json(SCHEDULER).integer("num_train_timesteps"));
        assertThat(files.warnings()).singleElement().asString().contains("there: epsilon");
    }

    @Test
    void metadataBeatTensorsAndTheConflictIsSaid() throws IOException {
        Path file = copy("both", Map.of("modelspec.prediction_type", "epsilon"), List.of("v_pred"), "");
        ModelFiles files = ModelFiles.of(file);
        assertThat(files.json(SCHEDULER).text("prediction_type")).isEqualTo("epsilon");
        assertThat(files.warnings())
                .singleElement()
                .asString()
                .contains("modelspec.prediction_type says that the model predicts epsilon")
                .contains("its tensor v_pred says v_prediction");
    }

    @Test
    void aConversionWritesWhatTheModelPredicts() throws IOException {
        List<String> notes = new ArrayList<>();
        ModelFiles files = new ModelLocator(Optional.empty(), noting(notes))
                .model(copy("v", Map.of(), List.of("v_pred", "ztsnr"), "").toString(), settings());
        assertThat(notes).isEqualTo(files.warnings()).isNotEmpty();
        Path out = folder.resolve("out");
        new Conversion(files, Optional.empty()).toFolder(out, (part, to) -> {});
        Config written = Config.read(out.resolve(SCHEDULER));
        assertThat(written.text("prediction_type")).isEqualTo("v_prediction");
        assertThat(written.flag("rescale_betas_zero_snr", false)).isTrue();
        Path again = folder.resolve("again.safetensors");
        new Conversion(ModelFiles.of(out), Optional.empty()).toFile(again, (part, to) -> {});
        try (Checkpoint weights = Checkpoint.open(again)) {
            assertThat(weights.tensors()).containsKeys("v_pred", "ztsnr");
            assertThat(weights.metadata()).containsEntry("modelspec.prediction_type", "v");
        }
        assertThat(ModelFiles.of(again).warnings()).isEmpty();
    }

    @Test
    void anotherPredictionTypeHasNoPlaceInASingleFile() throws IOException {
        Path sample = folder.resolve("sample");
        new Conversion(ModelFiles.of(model), Optional.empty()).toFolder(sample, (part, to) -> {});
        Path scheduler = sample.resolve(SCHEDULER);
        Files.writeString(scheduler, Files.readString(scheduler).replace("\"epsilon\"", "\"sample\""));
        assertThatThrownBy(() -> new Conversion(ModelFiles.of(sample), Optional.empty())
                        .toFile(folder.resolve("no.safetensors"), (part, to) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prediction_type")
                .hasMessageContaining("\"sample\"");
        assertThat(folder.resolve("no.safetensors")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "first_stage_model., has no autoencoder (no tensors first_stage_model.*); give another autoencoder",
        "cond_stage_model., has a UNet and no text encoder; expected a whole model",
        "model.diffusion_model., has no UNet (no tensors model.diffusion_model.*); expected a whole model"
    })
    void aPartThatAFileLacksIsNamed(String prefix, String message) throws IOException {
        Path file = copy("without" + prefix.length(), Map.of(), List.of(), prefix);
        for (FileOptions options : List.of(FileOptions.none(), settings())) {
            assertThatThrownBy(() -> ModelFiles.of(file, options).weights("vae").close())
                    .hasMessage(file + ": "
                            + message
                            + (prefix.startsWith("cond") ? ": merge them, or use the model's folder" : ""));
        }
    }

    @Test
    void anotherAutoencoderTakesThePlaceOfOneThatIsMissing() throws IOException {
        Path file = copy("no-vae", Map.of(), List.of(), "first_stage_model.");
        AutoencoderFiles vae = AutoencoderFiles.of(model.resolve("vae"));
        for (FileOptions options : List.of(FileOptions.none(), settings())) {
            ModelFiles files = ModelFiles.of(file, options).withAutoencoder(vae);
            assertThat(files.json("vae/config.json").integer("latent_channels")).isEqualTo(4);
            files.weights("vae").close();
        }
        Path bare = folder.resolve("bare.safetensors");
        try (Checkpoint weights = Checkpoint.open(plain);
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new LinkedHashMap<>();
            for (String key : weights.tensors().keySet()) {
                if (key.startsWith("first_stage_model.")) {
                    tensors.put(key, weights.read(key, manager));
                }
            }
            SafeTensors.write(bare, tensors, Map.of());
        }
        assertThat(ModelFiles.of(file)
                        .withAutoencoder(AutoencoderFiles.of(bare))
                        .json("vae/config.json")
                        .real("scaling_factor"))
                .isEqualTo(0.18215);
    }

    private static DownloadListener noting(List<String> notes) {
        return new DownloadListener() {
            @Override
            public void progress(String file, long done, long total) {}

            @Override
            public void note(String text) {
                notes.add(text);
            }
        };
    }
}
