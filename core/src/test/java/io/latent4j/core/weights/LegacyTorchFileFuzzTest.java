package io.latent4j.core.weights;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.common.primitives.Bytes;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;

/** Any bytes behind the beginning of a file that {@code torch.save} wrote before PyTorch 1.6. */
class LegacyTorchFileFuzzTest {
    private static final byte[] MAGIC = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e");

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) throws IOException {
        Untrusted.file("model.bin", Bytes.concat(MAGIC, bytes), TorchArchiveFuzzTest::readAll);
    }
}
