package io.latent4j.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.latent4j.training.Silent;
import io.latent4j.training.Training;
import io.latent4j.training.TrainingKind;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.metrics.MetricsFile;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixedPrecisionTest {
    private static final int STEPS = 12;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "bfloat16, false, 0.05",
        "bfloat16, true, 0.05",
        "float16, false, 0.02",
    })
    void learnsAlmostTheSame(String precision, boolean recompute, double tolerance) throws IOException {
        List<Double> exact = pixels("exact", "float32", false, STEPS);
        List<Double> rounded = pixels(precision, precision, recompute, STEPS);
        assertThat(rounded).isNotEqualTo(exact);
        for (int i = 0; i < STEPS; i++) {
            assertThat(rounded.get(i)).isCloseTo(exact.get(i), within(tolerance * exact.get(i)));
        }
    }

    @Test
    void learnsAutoencodersAlmostTheSame() throws IOException {
        List<Double> exact = autoencoder("exact", "float32");
        List<Double> rounded = autoencoder("rounded", "bfloat16");
        assertThat(rounded).isNotEqualTo(exact);
        for (int i = 0; i < STEPS; i++) {
            assertThat(rounded.get(i)).isCloseTo(exact.get(i), within(0.05 * exact.get(i)));
        }
    }

    @Test
    void goesOnWithTheScaleOfTheLoss() throws IOException {
        List<Double> whole = pixels("whole", "float16", false, STEPS);
        List<Double> first = pixels("parts", "float16", false, 6); // the newest checkpoint is of step 4
        List<Double> rest = pixels("parts", "float16", false, STEPS);
        assertThat(first).isEqualTo(whole.subList(0, 6));
        assertThat(rest).isEqualTo(whole.subList(4, STEPS));
        List<Map<String, String>> figures = MetricsFile.read(folder.resolve("whole/metrics.csv"));
        assertThat(Double.parseDouble(figures.get(figures.size() - 1).get("loss scale")))
                .isPositive();
        assertThat(folder.resolve("whole/checkpoints/step-00000012/state.json"))
                .content()
                .contains("\"loss_scale\"");
    }

    @Test
    void refusesOthers() {
        assertThatThrownBy(() -> pixels("run", "float8", false, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("precision is \"float8\"; expected one of float32, bfloat16, float16");
    }

    private List<Double> pixels(String name, String precision, boolean recompute, int until) throws IOException {
        return run(TrainingKind.DDPM, name, precision, recompute, until, """
                unet:
                  config: {in_channels: 3, out_channels: 3, block_out_channels: [8, 16], layers_per_block: 1,
                    norm_num_groups: 4, attention_head_dim: 8,
                    down_block_types: [DownBlock2D, AttnDownBlock2D], up_block_types: [AttnUpBlock2D, UpBlock2D]}
                scheduler: {num_train_timesteps: 20, beta_schedule: squaredcos_cap_v2}
                samples: {count: 0}
                """);
    }

    private List<Double> autoencoder(String name, String precision) throws IOException {
        return run(TrainingKind.AUTOENCODER, name, precision, false, STEPS, """
                model:
                  config: {in_channels: 3, out_channels: 3, latent_channels: 4, block_out_channels: [8, 8],
                    down_block_types: [DownEncoderBlock2D, DownEncoderBlock2D],
                    up_block_types: [UpDecoderBlock2D, UpDecoderBlock2D], norm_num_groups: 4, layers_per_block: 1}
                """);
    }

    private List<Double> run(
            TrainingKind kind, String name, String precision, boolean recompute, int until, String model)
            throws IOException {
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(file, """
                output: %s
                data: {scenes: 12, size: 8, set_aside: 4}
                training: {steps: %d, batch: 4, rate: 0.001, checkpoint_every: 4, log_every: 4, validate_every: 0,
                  sample_every: 0, ema: 0.9, clip: 1, precision: %s, recompute: %b}
                """.formatted(name, STEPS, precision, recompute) + model);
        List<Double> losses = new ArrayList<>();
        TrainingLoop.Watcher watcher = new Silent(made -> {
            losses.add(made);
            if (losses.size() == until && until < STEPS) {
                throw new Died();
            }
        });
        try (NDManager manager = NDManager.newBaseManager();
                Training training = kind.open(file, StartOptions.DEFAULT, manager, watcher)) {
            training.run();
        } catch (Died e) {
            assertThat(losses).hasSize(until);
        }
        return losses;
    }

    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
