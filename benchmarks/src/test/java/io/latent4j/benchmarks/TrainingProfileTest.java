package io.latent4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingProfileTest {
    @TempDir
    private Path folder;

    @Test
    void tellsWhatAStepsOperatorsTake() throws IOException {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        List<String> small = List.of(
                "data.scenes=70",
                "data.size=32",
                "training.batch=1",
                "unet.config.block_out_channels=[16, 16, 16]",
                "unet.config.sample_size=8");

        TrainingProfile.run(folder, small, new PrintStream(told, true, StandardCharsets.UTF_8));

        assertThat(told.toString(StandardCharsets.UTF_8))
                .containsPattern("a step [0-9.]+ s, its operators [0-9.]+ s, ratio [0-9.]+")
                .contains("aten::conv2d", "ConvolutionBackward0");
    }
}
