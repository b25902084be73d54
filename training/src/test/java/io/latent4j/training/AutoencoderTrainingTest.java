package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
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

class AutoencoderTrainingTest {
    private static final String MODEL = """
            model:
              config: {in_channels: 3, out_channels: 3, latent_channels: 2, norm_num_groups: 4, layers_per_block: 1,
                block_out_channels: [8, 8], down_block_types: [DownEncoderBlock2D, DownEncoderBlock2D],
                up_block_types: [UpDecoderBlock2D, UpDecoderBlock2D]}
            """;

    private static final String RECOMPUTE = " # recompute";

    @TempDir
    private Path folder;

    @Test
    void goesOnWithItsDiscriminatorAsIfItHadNeverStopped() throws IOException {
        Path judge = run("judge", "loss: {kl: 0.000001}", 2, 2).resolve("vae");
        String loss = "loss: {l1: 1, l2: 0.5, perceptual: {from: \""
                + judge.toString().replace('\\', '/')
                + "\", weight: 0.1}, discriminator: {start: 3, channels: 8, layers: 2}}";
        List<Double> whole = losses("whole", loss, 8);
        List<Double> first = losses("parts", loss, 5);
        List<Double> rest = losses("parts", loss, 8);
        assertThat(first).isEqualTo(whole.subList(0, 5));
        assertThat(rest).isEqualTo(whole.subList(4, 8)); // the newest checkpoint is of step 4
        Map<String, String> last = last("whole");
        assertThat(last)
                .containsKeys("l1", "l2", "kl", "perceptual", "adversarial", "adversarial weight", "discriminator")
                .containsKeys("validation psnr", "validation ssim", "validation kl", "validation latent scale");
        assertThat(last("judge")).doesNotContainKeys("perceptual", "discriminator");
    }

    @Test
    void learnsTheSameWithStagesComputedAnew() throws IOException {
        String loss = "loss: {discriminator: {start: 1, channels: 8, layers: 2}}";
        List<Double> kept = losses("kept", loss, 8);
        List<Double> anew = losses("anew", loss + RECOMPUTE, 8);
        for (int i = 0; i < kept.size(); i++) {
            assertThat(anew.get(i)).isCloseTo(kept.get(i), within(1e-3 * Math.abs(kept.get(i))));
        }
    }

    @Test
    void keepsTheScaleOfTheOneItGoesOnFromUnlessAskedToMeasure() throws IOException {
        Path first = run("first", "loss: {kl: 0.000001}", 1, 1).resolve("vae");
        double measured = scale(first);
        assertThat(measured).isNotEqualTo(0.18215);
        String from = "from: \"" + first.toString().replace('\\', '/') + "\"";
        assertThat(scale(further("kept", "{" + from + "}"))).isEqualTo(measured);
        assertThat(scale(further("anew", "{" + from + ", scaling_factor: measured}")))
                .isNotEqualTo(measured)
                .isCloseTo(measured, within(0.2 * measured));
    }

    private static double scale(Path autoencoder) throws IOException {
        return Config.read(autoencoder.resolve("config.json")).real("scaling_factor");
    }

    /** The folder that a run of one step writes. */
    private Path further(String name, String model) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                output: %s
                data: {scenes: 12, size: 16, set_aside: 4}
                model: %s
                training: {steps: 1, batch: 2, rate: 0.001}
                """.formatted(name, model));
        try (NDManager manager = NDManager.newBaseManager();
                AutoencoderTraining training = AutoencoderTraining.open(file, manager, new Silent(loss -> {}))) {
            return training.run().orElseThrow();
        }
    }

    @Test
    void refusesAPerceptualDistanceByNothing() {
        assertThatThrownBy(() -> losses("run", "loss: {perceptual: {weight: 1}}", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("perceptual: from is missing");
    }

    @Test
    void refusesALossOfNothing() {
        assertThatThrownBy(() -> losses("run", "loss: {l1: 0, l2: 0}", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("l1 and l2 are 0");
    }

    private Map<String, String> last(String name) throws IOException {
        List<Map<String, String>> rows = MetricsFile.read(folder.resolve(name).resolve("metrics.csv"));
        return rows.get(rows.size() - 1);
    }

    private List<Double> losses(String name, String loss, int until) throws IOException {
        List<Double> losses = new ArrayList<>();
        run(name, loss, until, 8, losses);
        return losses;
    }

    private Path run(String name, String loss, int until, int steps) throws IOException {
        run(name, loss, until, steps, new ArrayList<>());
        return folder.resolve(name);
    }

    private void run(String name, String loss, int until, int steps, List<Double> losses) throws IOException {
        boolean recompute = loss.endsWith(RECOMPUTE);
        Path output = folder.resolve(name);
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(
                file,
                """
                output: "%s"
                data: {scenes: 12, size: 16, set_aside: 4}
                training: {steps: %d, batch: 2, accumulate: 2, rate: 0.001, checkpoint_every: 2, log_every: 1%s}
                %s
                """.formatted(output.toString().replace('\\', '/'), steps, recompute ? ", recompute: true" : "", loss)
                        + MODEL);
        TrainingLoop.Watcher watcher = new Silent(made -> {
            losses.add(made);
            if (losses.size() == until && until < steps) {
                throw new Stopped();
            }
        });
        try (NDManager manager = NDManager.newBaseManager();
                AutoencoderTraining training = AutoencoderTraining.open(file, manager, watcher)) {
            training.run();
        } catch (Stopped e) {
            assertThat(losses).hasSize(until);
        }
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
