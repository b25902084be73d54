package io.latent4j.core.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;

/** Any bytes as a file that {@code torch.save} could have written, new or old, or a safetensors file in its place. */
class TorchArchiveFuzzTest {

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyBytesOpenOrAreRefused(byte[] bytes) throws IOException {
        Untrusted.file("model.pt", bytes, TorchArchiveFuzzTest::readAll);
    }

    /** Opens a file and reads all its tensors. */
    static void readAll(Path path) throws IOException {
        try (Checkpoint file = Checkpoint.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            for (String name : file.tensors().keySet()) {
                try (NDArray array = file.read(name, manager)) {
                    array.toByteArray();
                }
            }
        }
    }
}
