package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.core.weights.TensorSource;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConversionTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"sd15-tiny", "sd15-inpaint-tiny", "sd21-tiny", "sdxl-tiny"})
    void aFolderThereAndBackIsEqual(String name) throws IOException {
        Path model = reference().resolve("models").resolve(name);
        Path file = folder.resolve("model.safetensors");
        convert(ModelFiles.of(model), Optional.empty()).toFile(file, (part, to) -> {});
        ModelFiles single = ModelFiles.of(file, FileOptions.none().withConfig(model));
        Path back = folder.resolve("back");
        convert(single, Optional.empty()).toFolder(back, (part, to) -> {});
        for (String part : new String[] {"text_encoder", "text_encoder_2", "unet", "vae"}) {
            if (Files.isDirectory(model.resolve(part))) {
                assertThat(weights(ModelFiles.of(back), part)).isEqualTo(weights(ModelFiles.of(model), part));
                assertThat(ModelFiles.of(back).json(part + "/config.json").json())
                        .isEqualTo(
                                ModelFiles.of(model).json(part + "/config.json").json());
            }
        }
        assertThat(ModelFiles.of(back).json("model_index.json").json())
                .isEqualTo(ModelFiles.of(model).json("model_index.json").json());
    }

    /** The layout is the one that others wrote: our file has what the reference's has, and each tensor the same. */
    @ParameterizedTest
    @CsvSource({"sd15-tiny, false", "sd21-tiny, true", "sdxl-tiny, false"})
    void theOriginalLayoutIsTheReferences(String name, boolean endsWithZeros) throws IOException {
        Path model = reference().resolve("models").resolve(name);
        Path file = folder.resolve("model.safetensors");
        convert(ModelFiles.of(model), Optional.empty()).toFile(file, (part, to) -> {});
        try (Checkpoint got = Checkpoint.open(file);
                Checkpoint expected = Checkpoint.open(reference().resolve("singlefile/" + name + ".safetensors"));
                NDManager manager = NDManager.newBaseManager()) {
            String unused = endsWithZeros ? "transformer.resblocks.3." : "none";
            for (String key : got.tensors().keySet()) {
                NDArray tensor = got.read(key, manager, DataType.FLOAT32);
                if (key.contains(unused)) {
                    assertThat(tensor.getShape())
                            .isEqualTo(expected.tensors().get(key).shape());
                    assertThat(tensor.abs().max().getFloat()).isZero();
                } else {
                    assertThat(tensor).as(key).isEqualTo(expected.read(key, manager, DataType.FLOAT32));
                }
            }
            assertThat(expected.tensors().keySet().stream()
                            .filter(key -> key.startsWith("model.diffusion_model.")
                                    || key.startsWith("first_stage_model.")
                                    || key.startsWith("conditioner."))
                            .filter(key -> !key.endsWith("position_ids") && !key.endsWith("logit_scale")))
                    .allMatch(got.tensors()::containsKey);
        }
    }

    @ParameterizedTest
    @CsvSource({"F16", "BF16", "F32"})
    void weightsTakeTheTypeAskedFor(StoredType type) throws IOException {
        Path model = reference().resolve("models/sd21-tiny");
        convert(ModelFiles.of(model), Optional.of(type)).toFolder(folder.resolve("out"), (part, to) -> {});
        try (Checkpoint weights = ModelFiles.of(folder.resolve("out")).weights("unet")) {
            assertThat(weights.tensors().values()).allMatch(info -> info.type() == type);
        }
    }

    /** The tokenizer of Stable Diffusion 1 pads with its end token, that of 2 with another of the same vocabulary. */
    @Test
    void theFolderKnowsWhatTextsAreFilledUpWith() throws IOException {
        Path file = reference().resolve("singlefile/sd21-tiny.safetensors");
        Path tokenizer = reference().resolve("models/sd15-tiny/tokenizer");
        ModelFiles single = ModelFiles.of(
                file,
                FileOptions.none()
                        .withTokenizer(tokenizer)
                        .withConfig(reference().resolve("models/sd21-tiny")));
        convert(single, Optional.empty()).toFolder(folder.resolve("out"), (part, to) -> {});
        TokenizerFolder into = ModelFiles.of(folder.resolve("out")).tokenizer("tokenizer");
        try (ClipTokenizer written = ClipTokenizer.read(into.folder());
                ClipTokenizer real = ClipTokenizer.read(reference().resolve("models/sd21-tiny/tokenizer"))) {
            assertThat(written.encode("a lantern")).isEqualTo(real.encode("a lantern"));
        }
    }

    @Test
    void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
        Path taken = Files.createDirectories(folder.resolve("taken"));
        Files.createFile(taken.resolve("mine"));
        ModelFiles model = ModelFiles.of(reference().resolve("models/sd15-tiny"));
        assertThatThrownBy(() -> convert(model, Optional.empty()).toFolder(taken, (part, to) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is there already");
        assertThat(taken).isDirectoryContaining("glob:**mine");
    }

    /** The settings are a folder's, which has an autoencoder. */
    @Test
    void whatTheFileLacksIsSaidBeforeAnythingIsWritten() throws IOException {
        Path file = folder.resolve("bare.safetensors");
        try (Checkpoint all = Checkpoint.open(reference().resolve("singlefile/sd15-tiny.safetensors"));
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, TensorSource> kept = new LinkedHashMap<>();
            all.tensors().forEach((key, info) -> {
                if (!key.startsWith("first_stage_model.")) {
                    StoredType type = info.type().written();
                    kept.put(key, new TensorSource(info.shape(), type, own -> all.read(key, own, type.dataType())));
                }
            });
            SafeTensors.write(file, kept, all.metadata(), manager);
        }
        ModelFiles bare =
                ModelFiles.of(file, FileOptions.none().withConfig(reference().resolve("models/sd15-tiny")));
        List<String> written = new ArrayList<>();
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> convert(bare, Optional.empty()).toFolder(out, (part, to) -> written.add(part)))
                .isInstanceOf(MissingPartException.class)
                .hasMessage(file + ": has no autoencoder (no tensors first_stage_model.*); give another autoencoder");
        assertThat(written).isEmpty();
        assertThat(out).doesNotExist();
    }

    private static Conversion convert(ModelFiles files, Optional<StoredType> type) {
        return new Conversion(files, type);
    }

    /** Type, shape and values of each weight as text, by today's name. */
    private static Map<String, String> weights(ModelFiles files, String part) throws IOException {
        Map<String, String> weights = new TreeMap<>();
        try (Checkpoint checkpoint = files.weights(part);
                NDManager manager = NDManager.newBaseManager()) {
            for (var tensor : checkpoint.tensors().entrySet()) {
                Optional<String> name = ClipTextModel.currentKey(tensor.getKey());
                if (name.isPresent()) {
                    NDArray values = checkpoint.read(tensor.getKey(), manager, DataType.FLOAT32);
                    weights.put(
                            part.equals("vae") ? AutoencoderKL.currentKey(name.get()) : name.get(),
                            tensor.getValue().type() + " " + values.getShape() + " "
                                    + Arrays.hashCode(values.toFloatArray()));
                }
            }
        }
        return weights;
    }

    private static Path reference() {
        String property = System.getProperty("reference", "");
        Path reference = Path.of(System.getProperty("latent4j.root", "..")).resolve(property);
        Assumptions.assumeTrue(!property.isEmpty() && Files.isDirectory(reference));
        return reference;
    }
}
