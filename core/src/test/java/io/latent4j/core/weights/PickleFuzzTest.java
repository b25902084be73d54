package io.latent4j.core.weights;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;

/** Any bytes as the pickle of a sound archive, whose checksums would hide it from mutations of the whole. */
class PickleFuzzTest {

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyPickleIsReadOrRefused(byte[] pickle) throws IOException {
        Untrusted.file("model.pt", new byte[0], path -> {
            new TorchArchiveFile()
                    .with("a/data.pkl", pickle)
                    .storage("0", 1, 2, 3, 4, 5, 6)
                    .storage("1", 7)
                    .with("a/byteorder", "little".getBytes(StandardCharsets.US_ASCII))
                    .write(path);
            TorchArchiveFuzzTest.readAll(path);
        });
    }
}
