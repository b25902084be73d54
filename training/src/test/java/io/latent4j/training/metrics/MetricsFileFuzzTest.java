package io.latent4j.training.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Any bytes as the figures of a run that is resumed. */
class MetricsFileFuzzTest {
    private static final int STEP = 100;

    @FuzzTest
    void anyBytesAreContinuedOrRefused(byte[] bytes) throws IOException {
        Untrusted.file("metrics.csv", bytes, MetricsFileFuzzTest::resume);
    }

    private static void resume(Path file) throws IOException {
        MetricsFile metrics = new MetricsFile(file, STEP);
        int before = MetricsFile.read(file).size();
        metrics.add(STEP + 1, Map.of("loss", 0.5, "new", 1.0));
        assertThat(MetricsFile.read(file)).hasSize(before + 1);
        assertThat(Curve.of(MetricsFile.read(file), "new")).isNotNull();
    }
}
