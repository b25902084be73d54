package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of docs/fine-tuning.md: the embedded model begins to learn a shape that it never saw. */
class FineTuningRecipeTest {
    private static final int STEPS = 15;

    private static final String RUN = """
            output: run
            data: {folder: moons, set_aside: 4}
            adapter: {algorithm: locon, rank: 8, text_encoder: {train: true}}
            training: {steps: %d, batch: 4, rate: 3e-3, clip: 1, recompute: false, log_every: 1, validate_every: %d}
            """.formatted(STEPS, STEPS);

    @TempDir
    private Path folder;

    @Test
    void aFewStepsTellMoonsThatWereNotLearnedFromBetterThanNone() throws IOException {
        Moons.write(folder.resolve("moons"), 16, 1);
        double untrained = validation(List.of("output=untrained", "training.rate=1e-12", "training.steps=1"));
        double trained = validation(List.of());
        assertThat(trained).isLessThan(0.95 * untrained);
    }

    /** The error on the moons set aside after the last step. */
    private double validation(List<String> changes) throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), RUN);
        Path output;
        try (NDManager manager = NDManager.newBaseManager();
                LoraTraining training =
                        LoraTraining.open(file, new StartOptions(false, changes), manager, new Silent(loss -> {}))) {
            output = training.run().orElseThrow().getParent();
        }
        List<Map<String, String>> rows = MetricsFile.read(output.resolve("metrics.csv"));
        return Double.parseDouble(rows.get(rows.size() - 1).get("validation loss"));
    }
}
