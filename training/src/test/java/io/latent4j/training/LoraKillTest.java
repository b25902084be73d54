package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.metrics.MetricsFile;
import io.latent4j.training.run.TrainingLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The training of an adapter in a process of its own that is killed, as by {@code kill -9}, and gone on with. */
class LoraKillTest {
    private static final int STEPS = 6;
    private static final int LAST = 4; // step of the process that is killed, one after a checkpoint
    private static final String RUN = """
            output: run
            data: {scenes: 6, set_aside: 2, size: 16}
            adapter: {rank: 4, dropout: 0.2, text_encoder: {train: true}, file: {type: f32}}
            prior: {prompts: [a circle], count: 2, steps: 1}
            samples: {prompts: [a red circle], steps: 1}
            training: {steps: %d, batch: 1, rate: 1e-3, clip: 1, ema: 0.9, log_every: 1, validate_every: 3, sample_every: 3,
                       checkpoint_every: 3}
            """.formatted(STEPS);

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void endsAsIfItHadNeverBeenKilled() throws IOException, InterruptedException {
        Path killed = Files.createDirectories(folder.resolve("killed"));
        kill(killed);
        assertThat(killed.resolve("run/lora.safetensors")).doesNotExist();
        List<Double> rest = new ArrayList<>();
        train(killed, new Silent(rest::add));
        List<Double> all = new ArrayList<>();
        Path whole = Files.createDirectories(folder.resolve("whole"));
        train(whole, new Silent(all::add));

        assertThat(rest).hasSize(STEPS - 3).isEqualTo(all.subList(3, STEPS));
        assertThat(killed.resolve("run/lora.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("run/lora.safetensors"));
        assertThat(steps(killed)).isEqualTo(steps(whole)).hasSize(STEPS);
    }

    private static List<Map<String, String>> steps(Path run) throws IOException {
        return MetricsFile.read(run.resolve("run/metrics.csv")).stream()
                .map(row -> Map.of("step", row.get("step"), "loss", row.get("loss")))
                .toList();
    }

    /** Starts a run and kills it in the middle of a step. */
    private void kill(Path run) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dai.djl.offline=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoraKillTest.class.getName(),
                        run.toString())
                .redirectError(folder.resolve("child.txt").toFile())
                .start();
        try (BufferedReader out = child.inputReader()) {
            assertThat(out.lines().filter(line -> line.equals("step " + LAST)).findFirst())
                    .as("the child: %s", Files.readString(folder.resolve("child.txt")))
                    .isPresent();
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /** The child process: a run that says where it is, and waits there. */
    public static void main(String[] args) throws IOException {
        List<Double> losses = new ArrayList<>();
        train(Path.of(args[0]), new Silent(loss -> {
            losses.add(loss);
            System.out.println("step " + losses.size());
            if (losses.size() == LAST) {
                waitForEver();
            }
        }));
    }

    private static void waitForEver() {
        try {
            System.in.read();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void train(Path folder, TrainingLoop.Watcher watcher) throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), RUN);
        try (NDManager manager = NDManager.newBaseManager();
                LoraTraining training = LoraTraining.open(file, new StartOptions(false, List.of()), manager, watcher)) {
            training.run();
        }
    }
}
