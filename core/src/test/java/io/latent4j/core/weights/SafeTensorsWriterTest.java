package io.latent4j.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsWriterTest {

    @TempDir
    Path folder;

    private NDManager manager;

    @BeforeEach
    void openManager() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Path path = folder.resolve("written.safetensors");
        NDArray weight = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
        Map<String, NDArray> tensors = Map.of(
                "weight",
                weight,
                "transposed",
                weight.transpose(),
                "half",
                weight.toType(DataType.FLOAT16, true),
                "ids",
                manager.create(new long[] {1L << 40, -1}),
                "scalar",
                manager.create(7),
                "empty",
                manager.create(new Shape(0, 4)),
                "mask",
                manager.create(new boolean[] {true, false}));
        SafeTensors.write(path, tensors, Map.of("format", "pt", "\u00fc \"", "\ud83d\ude00"));
        assertThat(folder).isDirectoryContaining(file -> file.equals(path));
        try (SafeTensors file = SafeTensors.open(path);
                var names = Files.list(folder)) {
            assertThat(names).containsExactly(path);
            assertThat(file.metadata()).isEqualTo(Map.of("format", "pt", "\u00fc \"", "\ud83d\ude00"));
            assertThat(file.tensors()).containsOnlyKeys(tensors.keySet());
            for (var tensor : tensors.entrySet()) {
                NDArray read = file.read(tensor.getKey(), manager);
                assertThat(read.getDataType()).isEqualTo(tensor.getValue().getDataType());
                assertThat(read.getShape()).isEqualTo(tensor.getValue().getShape());
                assertThat(floats(read)).isEqualTo(floats(tensor.getValue()));
            }
            file.tensors()
                    .values()
                    .forEach(info ->
                            assertThat(info.begin() % info.type().bytes()).isZero());
            assertThat(file.tensors().values().iterator().next().begin() % 8).isZero();
        }
    }

    @Test
    void equalContentMakesEqualFilesWhateverTheOrder() throws IOException {
        NDArray a = manager.ones(new Shape(2));
        NDArray b = manager.ones(new Shape(3), DataType.INT64);
        Map<String, NDArray> one = new LinkedHashMap<>();
        one.put("a", a);
        one.put("b", b);
        Map<String, NDArray> other = new LinkedHashMap<>();
        other.put("b", b);
        other.put("a", a);
        SafeTensors.write(folder.resolve("1"), one, Map.of());
        SafeTensors.write(folder.resolve("2"), other, Map.of());
        assertThat(folder.resolve("1")).hasSameBinaryContentAs(folder.resolve("2"));
    }

    @Test
    void floatingPointTensorsAreWrittenAsTheTypeAskedFor() throws IOException {
        Path path = folder.resolve("a.safetensors");
        Map<String, NDArray> tensors =
                Map.of("w", manager.create(new float[] {1.5f, -2, 1e-3f}), "ids", manager.create(new long[] {3}));
        SafeTensors.write(path, tensors, Map.of(), StoredType.F16);
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(file.tensors().get("w").type()).isEqualTo(StoredType.F16);
            assertThat(file.tensors().get("ids").type()).isEqualTo(StoredType.I64);
            assertThat(floats(file.read("w", manager)))
                    .isEqualTo(floats(tensors.get("w").toType(DataType.FLOAT16, true)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeTensors.write(path, tensors, Map.of(), StoredType.I64))
                .withMessageContaining("expected F64, F32, F16 or BF16");
    }

    @Test
    void bfloat16IsRoundedToTheNearestAndTiesToEven() throws IOException {
        Path path = folder.resolve("a.safetensors");
        float[] values = {
            1,
            0x1.01p0f,
            0x1.03p0f,
            0x1.010002p0f,
            -0x1.00fffep0f,
            Float.MAX_VALUE,
            Float.NEGATIVE_INFINITY,
            Float.NaN,
            -0f
        };
        SafeTensors.write(path, Map.of("w", manager.create(values)), Map.of(), StoredType.BF16);
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(file.tensors().get("w").type()).isEqualTo(StoredType.BF16);
            assertThat(floats(file.read("w", manager)))
                    .containsExactly(
                            1,
                            1,
                            0x1.04p0f,
                            0x1.02p0f,
                            -1,
                            Float.POSITIVE_INFINITY,
                            Float.NEGATIVE_INFINITY,
                            Float.NaN,
                            -0f);
        }
    }

    @Test
    void tensorsLargerThanOneStepAreWrittenWhole() throws IOException {
        Path path = folder.resolve("a.safetensors");
        int size = (8 << 20) + 5;
        NDArray counting = manager.arange(size).toType(DataType.INT32, false);
        SafeTensors.write(path, Map.of("w", counting), Map.of());
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(file.read("w", manager).toIntArray()).isEqualTo(counting.toIntArray());
        }
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = Files.writeString(folder.resolve("a.safetensors"), "old");
        NDArray closed = manager.ones(new Shape(2));
        Map<String, NDArray> tensors = Map.of("w", closed);
        closed.close();
        assertThatThrownBy(() -> SafeTensors.write(path, tensors, Map.of())).isInstanceOf(RuntimeException.class);
        Files.createDirectories(folder.resolve("taken/by/a/folder"));
        assertThatThrownBy(() ->
                        SafeTensors.write(folder.resolve("taken"), Map.of("w", manager.ones(new Shape(2))), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("taken: cannot be written");
        try (var names = Files.list(folder)) {
            assertThat(names.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("a.safetensors", "taken");
        }
        assertThat(path).hasContent("old");
    }

    @Test
    void anExistingFileIsReplaced() throws IOException {
        Path path = Files.writeString(folder.resolve("a.safetensors"), "old");
        SafeTensors.write(path, Map.of(), Map.of());
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(file.tensors()).isEmpty();
        }
    }

    @Test
    void whatCannotBeStoredIsRefusedBeforeAnythingIsWritten() throws IOException {
        Path path = folder.resolve("a.safetensors");
        NDArray ones = manager.ones(new Shape(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeTensors.write(path, Map.of("__metadata__", ones), Map.of()))
                .withMessageContaining("__metadata__");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeTensors.write(path, Map.of("half \ud83d", ones), Map.of()))
                .withMessageContaining("surrogate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeTensors.write(
                        path, Map.of("text", manager.create(new String[] {"x"}, new Shape(1))), Map.of()))
                .withMessageContaining("tensor \"text\": data type string");
        assertThatThrownBy(() -> SafeTensors.write(folder.resolve("no/a.safetensors"), Map.of("w", ones), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected an existing folder");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void writingLeavesNoArrayBehind() throws IOException {
        try (NDManager own = manager.newSubManager()) {
            NDArray array = own.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
            SafeTensors.write(folder.resolve("a.safetensors"), Map.of("w", array), Map.of(), StoredType.BF16);
            assertThat(own.getManagedArrays()).containsExactly(array);
        }
    }

    private static float[] floats(NDArray array) {
        try (NDArray floats = array.toType(DataType.FLOAT32, true)) {
            return floats.toFloatArray();
        }
    }
}
