package io.latent4j.training.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.nn.WeightType;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.training.Silent;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseModelTest {
    @TempDir
    private Path folder;

    private Components load(NDManager manager, String yaml) throws IOException {
        return BaseModel.load(
                manager, BaseModelPlan.read(Config.parseYaml("run.yaml", folder, yaml)), new Silent(loss -> {}));
    }

    @Test
    void isASingleFileWithTheSettingsOfAFolder() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack();
                NDManager manager = NDManager.newBaseManager()) {
            copy(model.folder(), folder.resolve("shapes"));
            ModelFiles files = ModelFiles.of(model.folder());
            new Conversion(files, Optional.empty()).toFile(folder.resolve("shapes.safetensors"), (part, to) -> {});
            try (Components parts = load(manager, "model: shapes.safetensors\nconfig: shapes\n");
                    Components own = load(manager, "seed: 0\n")) {
                String key = "conv_out.weight";
                assertThat(parts.unet().getParameters().get(key).getArray())
                        .isEqualTo(own.unet().getParameters().get(key).getArray());
                assertThat(parts.tokenizer().encode("a star"))
                        .isEqualTo(own.tokenizer().encode("a star"));
            }
        }
    }

    @Test
    void isStoredInOneTypeAndComputesInAnother() throws IOException {
        try (NDManager manager = NDManager.newBaseManager();
                Components parts = load(manager, "weight_type: float16\ndata_type: float32\n");
                Components half = load(manager, "data_type: bfloat16\n")) {
            assertThat(parts.precision()).isEqualTo(new Precision(WeightType.FLOAT16, DataType.FLOAT32));
            assertThat(half.precision()).isEqualTo(Precision.BFLOAT16);
        }
    }

    @Test
    void refusesTypesThatDoNotGoTogether() {
        refuses(
                "weight_type: float16\ndata_type: bfloat16\n",
                "run.yaml: weights are float16 and computed with in bfloat16");
        refuses("weight_type: int3\n", "run.yaml: data type of weights is \"int3\"; expected auto, float32,");
    }

    @Test
    void thatIsNotThereIsNamedByItsPlace() {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> load(manager, "model: ../none\n"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("run.yaml: model: there is no folder or file " + folder.resolve("../none")
                            + "; expected a model, or owner/name of one on the hub");
        }
    }

    @Test
    void refusesKeysThatWouldDoNothing() throws IOException {
        Files.createDirectories(folder.resolve("there"));
        Files.createFile(folder.resolve("one.safetensors"));
        refuses(
                "model: there\nprediction_type: v_prediction\n",
                "run.yaml: prediction_type is \"v_prediction\"; expected none, as it is for models in a single file: a"
                        + " folder's own tokenizer, config.json files and scheduler/scheduler_config.json count;");
        refuses(
                "model: there\ntokenizer: t\n",
                "run.yaml: tokenizer is \"t\"; expected none, as it is for models in a");
        refuses("model: owner/name\nconfig: c\n", "run.yaml: config is \"c\"; expected none, as it is for models in a");
        refuses(
                "config: c\n",
                "run.yaml: config is \"c\"; expected none, as the model that ships with latent4j has its own");
        String chooses = "run.yaml: variant is \"fp16\"; expected none, as ";
        refuses("variant: fp16\n", chooses + "the model that ships");
        refuses("model: there\nvariant: fp16\n", chooses + "it chooses among the weights of a folder on the hub");
        refuses("model: one.safetensors\nvariant: fp16\n", chooses + "it chooses among");
        refuses("model: owner/name/one.safetensors\nvariant: fp16\n", chooses + "it chooses among");
    }

    private void refuses(String yaml, String message) {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> load(manager, yaml).close())
                    .withMessageStartingWith(message);
        }
    }

    @Test
    void ofAKindThatNothingCanBeAddedToIsRefused() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            write("inpaints", "in_channels", 9);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> load(manager, "model: inpaints\n"))
                    .withMessage(
                            "run.yaml: model inpaints is for inpainting; expected a model without a mask, such as the"
                                    + " one it was made of, whose adapters and words go with it too");
            write("told", "time_cond_proj_dim", 8);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> load(manager, "model: told\n"))
                    .withMessageStartingWith("run.yaml: model told was distilled from a guided one (LCM); expected ");
        }
    }

    /** The embedded model with another setting of its UNet, whose weights are zeros. */
    private void write(String name, String key, int value) throws IOException {
        Path copy = folder.resolve(name);
        try (EmbeddedModel model = EmbeddedModel.unpack();
                NDManager manager = NDManager.newBaseManager()) {
            copy(model.folder(), copy);
            Path config = copy.resolve("unet/config.json");
            JsonObject json = Config.read(config).json();
            json.addProperty(key, value);
            Files.writeString(config, json.toString());
            Map<String, NDArray> zeros = new TreeMap<>();
            new UNet2DConditionModel(UNet2DConditionConfig.from(Config.read(config)))
                    .shapes()
                    .forEach((weight, shape) -> zeros.put(weight, manager.zeros(shape)));
            SafeTensors.write(copy.resolve("unet/diffusion_pytorch_model.safetensors"), zeros, Map.of());
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
