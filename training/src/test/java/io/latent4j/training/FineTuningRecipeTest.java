package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of docs/fine-tuning.md: the embedded model begins to learn a shape that it never saw. */
class FineTuningRecipeTest {
    private static final Path RECIPE = Path.of("..", "docs", "moon.yaml");
    private static final int STEPS = 15;
    private static final List<String> SHORT = List.of(
            "prior={}",
            "adapter.rank=8",
            "training.rate=3e-3",
            "training.warmup=0",
            "training.recompute=false",
            "training.sample_every=0");

    @TempDir
    private Path folder;

    @Test
    void aFewStepsTellMoonsThatWereNotLearnedFromBetterThanNone() throws IOException {
        Moons.write(folder.resolve("moons"), 16, 1);
        double untrained = validation("output=untrained", 1, "training.rate=1e-12");
        double trained = validation("output=trained", STEPS, "training.rate=3e-3");
        assertThat(trained).isLessThan(0.95 * untrained);
    }

    /** The error on the moons set aside after the last step. */
    private double validation(String output, int steps, String rate) throws IOException {
        List<String> changes = new ArrayList<>(SHORT);
        changes.addAll(List.of(output, "training.steps=" + steps, "training.validate_every=" + steps, rate));
        Path file = Files.copy(RECIPE, folder.resolve(output + ".yaml"));
        Path written;
        try (NDManager manager = NDManager.newBaseManager();
                LoraTraining training =
                        LoraTraining.open(file, new StartOptions(false, changes), manager, new Silent(loss -> {}))) {
            written = training.run().orElseThrow().getParent();
        }
        List<Map<String, String>> rows = MetricsFile.read(written.resolve("metrics.csv"));
        return Double.parseDouble(rows.get(rows.size() - 1).get("validation loss"));
    }
}
