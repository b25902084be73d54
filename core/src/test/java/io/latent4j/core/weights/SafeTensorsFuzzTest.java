package io.latent4j.core.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;

/** Run with {@code JAZZER_FUZZ=1} this searches for new inputs; otherwise it tries the ones beside it. */
class SafeTensorsFuzzTest {

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyBytesOpenOrAreRefused(byte[] bytes) throws IOException {
        Path path = Files.createTempFile("fuzz", ".safetensors");
        try {
            Files.write(path, bytes);
            readAll(path, bytes.length);
        } finally {
            Files.delete(path);
        }
    }

    private static void readAll(Path path, int size) throws IOException {
        SafeTensors opened;
        try {
            opened = SafeTensors.open(path);
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith(path + ": ").hasMessageContaining("; expected ");
            return;
        }
        try (SafeTensors file = opened;
                NDManager manager = NDManager.newBaseManager()) {
            long end = -1;
            for (var tensor : file.tensors().entrySet()) {
                TensorInfo info = tensor.getValue();
                assertThat(info.begin()).isBetween(8L, info.end());
                assertThat(end == -1 || info.begin() == end).isTrue();
                end = info.end();
                try (NDArray array = file.read(tensor.getKey(), manager)) {
                    assertThat(array.getShape()).isEqualTo(info.shape());
                    assertThat(array.size()).isEqualTo(info.elements());
                }
            }
            assertThat(end == -1 || end == size).isTrue();
        }
    }
}
