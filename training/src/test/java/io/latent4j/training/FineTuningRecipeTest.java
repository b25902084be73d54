package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.metrics.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of docs/fine-tuning.md: the embedded model begins to learn a shape that it never saw. */
class FineTuningRecipeTest {
    private static final Path RECIPE = Path.of("..", "docs", "moon.yaml");
    private static final int STEPS = 15;
    private static final String RATE = "training.rate=3e-3";
    private static final List<String> SHORT = List.of(
            "adapter.rank=8",
            "training.warmup=0",
            "training.recompute=false",
            "training.sample_every=0",
            "training.ema=null");
    private static final String NO_PRIOR = "prior={}";
    private static final String UNTRAINED = "training.rate=1e-12";
    private static final String KNOWN = "data={scenes: 40, set_aside: 24, size: 64}";

    @TempDir
    private Path folder;

    @Test
    void aFewStepsTellMoonsThatWereNotLearnedFromBetterThanNoneAndKeepWhatWasKnown() throws IOException {
        Moons.write(folder.resolve("moons"), 16, 1);
        double untrained = validation(1, "output=untrained", NO_PRIOR, UNTRAINED);
        double trained = validation(STEPS, "output=trained", "prior.count=4", "prior.steps=8", RATE);
        assertThat(trained).isLessThan(0.96 * untrained);

        double before = validation(1, "output=before", NO_PRIOR, UNTRAINED, KNOWN);
        String adapter = "adapter.from=trained/lora.safetensors";
        double after = validation(1, "output=after", NO_PRIOR, UNTRAINED, KNOWN, adapter);
        assertThat(after).isLessThan(1.03 * before);
    }

    /** The error on the images set aside after the last step. */
    private double validation(int steps, String... own) throws IOException {
        List<String> changes = new ArrayList<>(SHORT);
        changes.addAll(List.of("training.steps=" + steps, "training.validate_every=" + steps));
        changes.addAll(List.of(own));
        Path file = Files.copy(RECIPE, folder.resolve("run.yaml"), StandardCopyOption.REPLACE_EXISTING);
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
