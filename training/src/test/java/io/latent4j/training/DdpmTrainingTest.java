package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.request.GenerationRequest;
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

class DdpmTrainingTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "epsilon, fixed_small, 3, ddim",
        "sample, fixed_large, 3, euler a",
        "v_prediction, learned_range, 6, ddpm"
    })
    void writesAFolderThatMakesImages(String type, String variance, int channels, String sampler) throws IOException {
        Path run = run("run", type, variance, channels, "{}", 2, 2, new ArrayList<>());
        Path model = run.resolve("model");
        assertThat(UnconditionalPipeline.runs(model)).isTrue();
        try (UnconditionalPipeline pipeline = UnconditionalPipeline.load(model, Device.cpu(), DataType.FLOAT32)) {
            GenerationRequest request =
                    new GenerationRequest("").withSeed(7).withSteps(3).withCount(2);
            Generation own = pipeline.generate(request, Progress.NONE);
            assertThat(own.images()).hasSize(2);
            assertThat(own.image().getWidth()).isEqualTo(8);
            assertThat(own.results().get(1).parameters())
                    .startsWith("Steps: 3, Sampler: DDPM, Seed: 8, Size: 8x8, Model: model");
            Generation other = pipeline.generate(request.withScheduler(sampler).withBatchSize(2), Progress.NONE);
            assertThat(other.images()).hasSize(2);
            assertThatThrownBy(() -> pipeline.generate(new GenerationRequest("a boat").withSeed(0), Progress.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("trained without texts");
            assertThatThrownBy(() -> pipeline.generate(request.withSize(9, 8), Progress.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("multiple of 2");
        }
    }

    @Test
    void goesOnWithWhatItLearnedOfTimestepsAsIfItHadNeverStopped() throws IOException {
        String loss = "{timesteps: by_loss, buckets: 2, min_snr_gamma: 5}"; // full after 5 steps of 4
        List<Double> whole = new ArrayList<>();
        List<Double> first = new ArrayList<>();
        List<Double> rest = new ArrayList<>();
        run("whole", "epsilon", "learned_range", 6, loss, 12, 12, whole);
        run("parts", "epsilon", "learned_range", 6, loss, 9, 12, first);
        run("parts", "epsilon", "learned_range", 6, loss, 12, 12, rest);
        assertThat(first).isEqualTo(whole.subList(0, 9));
        assertThat(rest).isEqualTo(whole.subList(8, 12)); // the newest checkpoint is of step 8
        List<Map<String, String>> figures = MetricsFile.read(folder.resolve("whole/metrics.csv"));
        assertThat(figures.get(figures.size() - 1)).containsKeys("simple", "bound", "validation bound");
    }

    @Test
    void refusesChannelsThatDoNotFitTheVariance() {
        assertThatThrownBy(() -> run("run", "epsilon", "learned_range", 3, "{}", 1, 1, new ArrayList<>()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("out_channels is 3; expected 6");
    }

    private Path run(
            String name,
            String type,
            String variance,
            int channels,
            String loss,
            int until,
            int steps,
            List<Double> losses)
            throws IOException {
        Path output = folder.resolve(name);
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(
                file, """
                output: "%s"
                data: {scenes: 12, size: 8, set_aside: 4}
                unet:
                  config: {in_channels: 3, out_channels: %d, block_out_channels: [8, 8], layers_per_block: 1,
                    norm_num_groups: 4, attention_head_dim: null, add_attention: false,
                    down_block_types: [DownBlock2D, DownBlock2D], up_block_types: [UpBlock2D, UpBlock2D]}
                scheduler: {num_train_timesteps: 20, beta_schedule: squaredcos_cap_v2, prediction_type: %s,
                  variance_type: %s}
                loss: %s
                training: {steps: %d, batch: 4, rate: 0.001, checkpoint_every: 4, log_every: 4, ema: 0.9}
                """.formatted(output.toString().replace('\\', '/'), channels, type, variance, loss, steps));
        TrainingLoop.Watcher watcher = new Silent(made -> {
            losses.add(made);
            if (losses.size() == until && until < steps) {
                throw new Stopped();
            }
        });
        try (NDManager manager = NDManager.newBaseManager();
                DdpmTraining training = DdpmTraining.open(file, manager, watcher)) {
            training.run();
        } catch (Stopped e) {
            assertThat(losses).hasSize(until);
        }
        return output;
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
