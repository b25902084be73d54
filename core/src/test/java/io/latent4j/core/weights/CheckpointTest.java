package io.latent4j.core.weights;

import static io.latent4j.core.weights.SafeTensorsFile.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

    @TempDir
    Path folder;

    @Test
    void oneFileIsOpenedByItsStem() throws IOException {
        shard("model.safetensors", "a", 1);
        shard("model.fp16.safetensors", "a", 2);
        try (Checkpoint checkpoint = Checkpoint.open(folder, "model")) {
            assertThat(checkpoint.location()).isEqualTo(folder.resolve("model.safetensors"));
            assertThat(checkpoint.files()).containsExactly(folder.resolve("model.safetensors"));
            assertThat(checkpoint.metadata()).isEqualTo(Map.of("from", "model.safetensors"));
            assertThat(value(checkpoint, "a")).isEqualTo(1);
        }
    }

    @Test
    void shardsAreOneSetOfTensors() throws IOException {
        shard("model-00001-of-00002.safetensors", "a", 1);
        shard("model-00002-of-00002.safetensors", "b", 2);
        index(
                "model.safetensors.index.json",
                "b",
                "model-00002-of-00002.safetensors",
                "a",
                "model-00001-of-00002.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(folder, "model")) {
            assertThat(checkpoint.tensors()).containsOnlyKeys("a", "b");
            assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b");
            assertThat(checkpoint.files()).hasSize(2);
            assertThat(checkpoint.metadata()).isEqualTo(Map.of("from", "model-00001-of-00002.safetensors"));
            assertThat(value(checkpoint, "a")).isEqualTo(1);
            assertThat(value(checkpoint, "b")).isEqualTo(2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> value(checkpoint, "c"))
                    .withMessageContaining("no tensor \"c\"; expected one of those in it (2 tensors)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors.index.fp16.json", "model.fp16.safetensors.index.json"})
    void theIndexOfAVariantIsFoundInBothSpellings(String name) throws IOException {
        shard("model.fp16-00001-of-00001.safetensors", "a", 1);
        index(name, "a", "model.fp16-00001-of-00001.safetensors");
        try (Checkpoint any = Checkpoint.open(folder, "model");
                Checkpoint variant = Checkpoint.open(folder, "model", "fp16")) {
            assertThat(any.location()).isEqualTo(folder.resolve(name));
            assertThat(variant.location()).isEqualTo(folder.resolve(name));
        }
    }

    @Test
    void theVariantAskedForIsTakenAndNoOther() throws IOException {
        shard("model.safetensors", "a", 1);
        shard("model.fp16.safetensors", "a", 2);
        try (Checkpoint checkpoint = Checkpoint.open(folder, "model", "fp16")) {
            assertThat(value(checkpoint, "a")).isEqualTo(2);
        }
        assertThatThrownBy(() -> Checkpoint.open(folder, "model", "ema"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected model.ema.safetensors or model.safetensors.index.ema.json")
                .hasMessageContaining("found model.fp16.safetensors, model.safetensors");
        assertThatIllegalArgumentException().isThrownBy(() -> Checkpoint.open(folder, "model", "../fp16"));
    }

    @Test
    void aFolderWithoutWeightsIsDescribed() throws IOException {
        assertThatThrownBy(() -> Checkpoint.open(folder, "model"))
                .isInstanceOf(IOException.class)
                .hasMessage(folder + ": has no weights; expected model.safetensors or model.safetensors.index.json"
                        + " or model.fp16.safetensors or model.safetensors.index.fp16.json"
                        + " or model.fp16.safetensors.index.json or pytorch_model.bin or pytorch_model.bin.index.json"
                        + " or pytorch_model.fp16.bin or pytorch_model.bin.index.fp16.json"
                        + " or pytorch_model.fp16.bin.index.json; found nothing;"
                        + " fetch the weights, or name the variant that is there");
        Files.createFile(folder.resolve("config.json"));
        assertThatThrownBy(() -> Checkpoint.open(folder, "model"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("found config.json");
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none"), "model"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none: is not a folder");
    }

    @Test
    void archivesAreTakenWhereThereIsNoSafetensorsFile() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("a")
                .tensor("0", 1, 0, new long[] {1}, 1)
                .end();
        new TorchArchiveFile().pickle(pickle).storage("0", 3).write(folder.resolve("pytorch_model.bin"));
        try (Checkpoint checkpoint = Checkpoint.open(folder, "model")) {
            assertThat(checkpoint.location()).isEqualTo(folder.resolve("pytorch_model.bin"));
            assertThat(value(checkpoint, "a")).isEqualTo(3);
        }
        shard("model.fp16.safetensors", "a", 1);
        try (Checkpoint checkpoint = Checkpoint.open(folder, "model")) {
            assertThat(checkpoint.location()).isEqualTo(folder.resolve("model.fp16.safetensors"));
        }
    }

    @Test
    void anIndexMayNameArchives() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("a")
                .tensor("0", 1, 0, new long[] {1}, 1)
                .end();
        new TorchArchiveFile().pickle(pickle).storage("0", 3).write(folder.resolve("1.bin"));
        shard("2.safetensors", "b", 2);
        index("diffusion_pytorch_model.bin.index.json", "a", "1.bin", "b", "2.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(folder, "diffusion_pytorch_model")) {
            assertThat(checkpoint.tensors()).containsOnlyKeys("a", "b");
        }
    }

    @Test
    void everythingInWhichIndexAndShardsDifferIsReportedAtOnce() throws IOException {
        shard("1.safetensors", "a", 1);
        shard("2.safetensors", "a", 2);
        index(
                "model.safetensors.index.json",
                "a",
                "1.safetensors",
                "lost",
                "2.safetensors",
                "b",
                "3.safetensors",
                "c",
                "4.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(folder, "model"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing shards: 3.safetensors, 4.safetensors;")
                .hasMessageContaining("tensors not in the shard that should have them: lost (2.safetensors);")
                .hasMessageContaining("tensors in two shards: a (1.safetensors, 2.safetensors);");
    }

    @Test
    void longListsInAMessageAreCut() throws IOException {
        String[] map = new String[60];
        for (int i = 0; i < map.length; i += 2) {
            map[i] = "t" + i;
            map[i + 1] = "s" + i + ".safetensors";
        }
        index("model.safetensors.index.json", map);
        assertThatThrownBy(() -> Checkpoint.open(folder, "model"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(" and 20 more");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a.safetensors",
                "..\\\\a.safetensors",
                "/a.safetensors",
                "sub/a.safetensors",
                "C:a.safetensors",
                ".safetensors",
                "..safetensors",
                "",
                "a.exe",
                "../a.bin",
                "a\\u0000.safetensors"
            })
    void aShardOutsideTheFolderIsRefused(String name) throws IOException {
        index("model.safetensors.index.json", "a", name);
        assertThatThrownBy(() -> Checkpoint.open(folder, "model"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the plain name of a .safetensors or .bin file in the same folder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{} {}",
                "{\"metadata\": {}}",
                "{\"weight_map\": []}",
                "{\"weight_map\": {\"a\": 1}}",
                "{\"weight_map\": {}, \"weight_map\": {}}",
                "{\"weight_map\": {\"a\": \"1.safetensors\", \"a\": \"2.safetensors\"}}"
            })
    void aDamagedIndexIsRefused(String json) throws IOException {
        Path index = Files.writeString(folder.resolve("model.safetensors.index.json"), json);
        assertThatThrownBy(() -> Checkpoint.open(folder, "model"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(index + ": ")
                .hasMessageContaining("; expected ")
                .hasMessageContaining("fetch or write the index again");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none.index.json")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.index.json: does not exist");
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none.safetensors")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.safetensors: does not exist");
    }

    @Test
    void aDamagedShardIsNamed() throws IOException {
        Files.createFile(folder.resolve("1.safetensors"));
        index("model.safetensors.index.json", "a", "1.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(folder, "model"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1.safetensors: has 0 bytes");
    }

    @Test
    void readingAfterClosingIsRefused() throws IOException {
        shard("model.safetensors", "a", 1);
        Checkpoint checkpoint = Checkpoint.open(folder, "model");
        checkpoint.close();
        checkpoint.close();
        assertThatIllegalStateException().isThrownBy(() -> value(checkpoint, "a"));
    }

    @Test
    void theReferenceModelsOpen() throws IOException {
        Path models = Path.of(System.getProperty("latent4j.root", ".."))
                .resolve(System.getProperty("reference", ""))
                .resolve("models");
        Assumptions.assumeTrue(!System.getProperty("reference", "").isEmpty() && Files.isDirectory(models));
        try (Checkpoint sharded = Checkpoint.open(models.resolve("sdxl-tiny/unet"), "diffusion_pytorch_model");
                Checkpoint half = Checkpoint.open(models.resolve("sd21-tiny/vae"), "diffusion_pytorch_model", "fp16");
                Checkpoint full = Checkpoint.open(models.resolve("sd21-tiny/vae"), "diffusion_pytorch_model");
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(sharded.files()).hasSizeGreaterThan(1);
            for (String name : sharded.tensors().keySet()) {
                sharded.read(name, manager, DataType.FLOAT32).close();
            }
            assertThat(half.tensors().keySet()).isEqualTo(full.tensors().keySet());
            for (String name : full.tensors().keySet()) {
                // the values of these models are exact in float16
                assertThat(half.read(name, manager, DataType.FLOAT32)).isEqualTo(full.read(name, manager));
            }
        }
    }

    /** Two of the archive's tensors have exchanged strides or begin inside their storage. */
    @Test
    void theReferenceArchiveHoldsTheSameWeightsAsSafetensors() throws IOException {
        Path reference =
                Path.of(System.getProperty("latent4j.root", "..")).resolve(System.getProperty("reference", ""));
        Assumptions.assumeTrue(!System.getProperty("reference", "").isEmpty() && Files.isDirectory(reference));
        try (Checkpoint archive = Checkpoint.open(reference.resolve("singlefile/text_encoder_bin"), "model");
                Checkpoint plain = Checkpoint.open(reference.resolve("models/sd15-tiny/text_encoder"), "model");
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(archive.tensors().keySet()).containsAll(plain.tensors().keySet());
            for (String name : plain.tensors().keySet()) {
                assertThat(archive.read(name, manager, DataType.FLOAT32))
                        .isEqualTo(plain.read(name, manager, DataType.FLOAT32));
            }
        }
    }

    private void shard(String name, String tensor, int value) throws IOException {
        String json = "{\"__metadata__\": {\"from\": \"" + name + "\"}, " + entry(tensor, "U8", "[]", 0, 1) + "}";
        SafeTensorsFile.write(folder, name, json, (byte) value);
    }

    private void index(String name, String... weightMap) throws IOException {
        StringBuilder json = new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
        for (int i = 0; i < weightMap.length; i += 2) {
            json.append(i == 0 ? "" : ", ");
            json.append('"')
                    .append(weightMap[i])
                    .append("\": \"")
                    .append(weightMap[i + 1])
                    .append('"');
        }
        Files.writeString(folder.resolve(name), json + "}}");
    }

    private static int value(Checkpoint checkpoint, String name) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            return checkpoint.read(name, manager, DataType.INT32).getInt();
        }
    }
}
