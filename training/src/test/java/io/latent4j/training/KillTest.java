package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.Ema;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.optimizer.RateSchedule;
import io.latent4j.training.run.Checkpoints;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run in a process of its own that is killed, as by {@code kill -9} or a power cut, and gone on with. */
class KillTest {
    private static final int STEPS = 40;
    private static final int LONGEST_LIFE = 300; // milliseconds after the first checkpoint

    @TempDir
    private Path folder;

    /** What a run ends with: every loss from where it began, and the weights. */
    private record End(List<Double> losses, Map<String, List<Float>> weights) {}

    @Test
    @Timeout(120)
    void endsAsIfItHadNeverBeenKilled() throws IOException, InterruptedException {
        Path killed = folder.resolve("killed");
        int life = ThreadLocalRandom.current().nextInt(LONGEST_LIFE);
        killAfterTheFirstCheckpoint(killed, life);
        End rest = run(killed);
        End whole = run(folder.resolve("whole"));
        int done = STEPS - rest.losses.size();
        assertThat(rest.losses)
                .as("killed after %d ms, gone on with after step %d", life, done)
                .isNotEmpty()
                .isEqualTo(whole.losses.subList(done, STEPS));
        assertThat(done).isPositive();
        assertThat(rest.weights).isEqualTo(whole.weights);
        assertThat(steps(killed)).isEqualTo(steps(folder.resolve("whole")));
    }

    private static List<String> steps(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.csv")).stream()
                .map(line -> line.split(",", 2)[0])
                .toList();
    }

    private void killAfterTheFirstCheckpoint(Path run, int life) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process child = new ProcessBuilder(
                        java.toString(),
                        "-Xmx256m",
                        "-Dai.djl.offline=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KillTest.class.getName(),
                        run.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.txt").toFile())
                .start();
        try {
            while (child.isAlive() && !hasCheckpoint(run)) {
                Thread.sleep(5);
            }
            assertThat(child.waitFor(life, TimeUnit.MILLISECONDS))
                    .as("the child ended by itself: %s", Files.readString(folder.resolve("child.txt")))
                    .isFalse();
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private static boolean hasCheckpoint(Path run) throws IOException {
        return new Checkpoints(run.resolve("checkpoints"), 1).newest().isPresent();
    }

    /** The child process: a run that takes its time. */
    public static void main(String[] args) throws IOException {
        run(Path.of(args[0]), 25);
    }

    private static End run(Path folder) throws IOException {
        return run(folder, 0);
    }

    private static End run(Path folder, int pause) throws IOException {
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            UNet2DConditionModel unet = TinyModels.unet(manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet));
            TrainingLoop.Settings settings = new TrainingLoop.Settings(
                    new RateSchedule(1e-3, 5, STEPS, RateSchedule.Shape.COSINE),
                    1,
                    Optional.of(1.0),
                    AdamW.Settings.DEFAULT,
                    Optional.of(Ema.Decay.to(0.99)),
                    false,
                    1,
                    2,
                    1,
                    0,
                    0);
            TrainingLoop loop =
                    new TrainingLoop(settings, folder, parameters, new Noise(unet, manager), new Silent(loss -> {
                        losses.add(loss);
                        sleep(pause);
                    }));
            loop.run();
            Map<String, List<Float>> weights = new LinkedHashMap<>();
            loop.averaged(() -> keep(parameters, "average.", weights));
            keep(parameters, "", weights);
            return new End(losses, weights);
        }
    }

    private static void sleep(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keep(Parameters parameters, String prefix, Map<String, List<Float>> into) {
        parameters.arrays().forEach((name, array) -> {
            List<Float> values = new ArrayList<>();
            for (float value : array.stopGradient().toFloatArray()) {
                values.add(value);
            }
            into.put(prefix + name, values);
        });
    }

    /** Learns to answer nothing to noise. */
    private record Noise(UNet2DConditionModel unet, NDManager manager) implements Objective {
        @Override
        public Loss loss(Pass pass, long step, int part) {
            TorchRandom random = new TorchRandom(step);
            NDArray x = random.normal(manager, new Shape(1, 4, 8, 8));
            NDArray context = random.normal(manager, new Shape(1, 3, 16));
            NDArray y = unet.forward(pass, UNetInput.of(x, 10, context));
            return new Loss(y.square().mean(), Map.of());
        }

        @Override
        public Map<String, Double> validate() {
            return Map.of();
        }
    }
}
