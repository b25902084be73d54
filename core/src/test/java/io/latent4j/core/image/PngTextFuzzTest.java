package io.latent4j.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Run with {@code JAZZER_FUZZ=1} this searches for new inputs; otherwise it tries the ones beside it. */
class PngTextFuzzTest {

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("fuzz", ".png");
        try {
            Files.write(file, bytes);
            assertThat(PngFile.readText(file)).isNotNull();
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith(file + ": ");
        } finally {
            Files.delete(file);
        }
    }
}
