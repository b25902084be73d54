package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/** Any bytes as the file of a learned word. */
class LearnedWordFuzzTest {

    @BeforeAll
    static void loadEngine() {
        Untrusted.loadEngine();
    }

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) throws IOException {
        Untrusted.file("moon.safetensors", bytes, LearnedWordFuzzTest::read);
    }

    private static void read(Path file) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            LearnedWord word = LearnedWord.read(file, Optional.empty(), manager);
            assertThat(word.token()).isNotBlank();
            assertThat(word.count()).isPositive();
        }
    }
}
