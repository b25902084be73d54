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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs of every kind in processes that are killed at random moments, as by {@code kill -9}, and gone on with: they end with
 * the files of a run that was not disturbed. {@code -Dlatent4j.kills=50} is the number of kills.
 */
class RandomKillTest {
    private static final int KILLS = Integer.getInteger("latent4j.kills", 2);
    private static final int EVENTS = 30; // lines of the child, of which one is followed by the kill
    private static final int LONGEST_LIFE = 40; // milliseconds after that line
    private static final String TRAINING =
            "training: {steps: 9, batch: 2, rate: 0.001, ema: 0.9, checkpoint_every: 2, log_every: 3,"
                    + " sample_every: 2, save_every: 4}\n";
    private static final String PROMPTS = "samples: {prompts: [a red circle], steps: 1}\n";

    /** Run files by kind, each without its folder. */
    private static final Map<TrainingKind, String> RUNS = new TreeMap<>(Map.of(
            TrainingKind.AUTOENCODER,
            """
            data: {scenes: 12, size: 16, set_aside: 4}
            model:
              config: {in_channels: 3, out_channels: 3, latent_channels: 2, norm_num_groups: 4, layers_per_block: 1,
                block_out_channels: [8, 8], down_block_types: [DownEncoderBlock2D, DownEncoderBlock2D],
                up_block_types: [UpDecoderBlock2D, UpDecoderBlock2D]}
            """,
            TrainingKind.DDPM,
            """
            data: {scenes: 12, size: 8, set_aside: 4}
            unet:
              config: {in_channels: 3, out_channels: 3, block_out_channels: [8, 8], layers_per_block: 1,
                norm_num_groups: 4, attention_head_dim: null, add_attention: false,
                down_block_types: [DownBlock2D, DownBlock2D], up_block_types: [UpBlock2D, UpBlock2D]}
            scheduler: {num_train_timesteps: 20, beta_schedule: squaredcos_cap_v2}
            samples: {count: 2, steps: 2}
            """,
            TrainingKind.LORA,
            "data: {scenes: 6, set_aside: 2, size: 16}\nadapter: {rank: 4, file: {type: f32}}\n" + PROMPTS,
            TrainingKind.TEXTUAL_INVERSION,
            "words: {tokens: [<moon>], initial: [circle]}\n"
                    + "data: {folder: images, prompt: \"a <moon>\", set_aside: 0, size: 16}\n" + PROMPTS));

    @TempDir
    private Path folder;

    @Test
    @Timeout(1200)
    void endsWithTheFilesOfAnUndisturbedRun() throws IOException, InterruptedException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<TrainingKind> kinds = List.copyOf(RUNS.keySet());
        int first = random.nextInt(kinds.size());
        Map<TrainingKind, Path> whole = new TreeMap<>();
        for (int i = 0; i < KILLS; i++) {
            TrainingKind kind = kinds.get((first + i) % kinds.size());
            if (!whole.containsKey(kind)) {
                whole.put(kind, prepare(kind, "whole-" + kind));
                train(kind, whole.get(kind), new TrainingLoop.Watcher() {});
            }
            Path killed = prepare(kind, "killed-" + i);
            int event = 1 + random.nextInt(EVENTS);
            int life = random.nextInt(LONGEST_LIFE);
            kill(kind, killed, event, life);
            train(kind, killed, new TrainingLoop.Watcher() {});
            String what = "%s, killed %d ms after event %d".formatted(kind, life, event);
            assertThat(files(killed)).as(what).isEqualTo(files(whole.get(kind))).isNotEmpty();
            assertThat(rows(killed)).as(what).isEqualTo(rows(whole.get(kind)));
            for (String file : files(killed)) {
                if (file.startsWith("samples") || file.endsWith(".safetensors")) {
                    assertThat(killed.resolve("run").resolve(file))
                            .as(what)
                            .hasSameBinaryContentAs(
                                    whole.get(kind).resolve("run").resolve(file));
                }
            }
        }
    }

    private Path prepare(TrainingKind kind, String name) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("run.yaml"), "output: run\n" + RUNS.get(kind) + TRAINING);
        if (kind == TrainingKind.TEXTUAL_INVERSION) {
            PlainImages.write(run.resolve("images"), 2, 16);
        }
        return run;
    }

    /** Every file of a run, but for what caches are called. */
    private static Set<String> files(Path run) throws IOException {
        Path output = run.resolve("run");
        try (Stream<Path> all = Files.walk(output)) {
            Set<String> names = new TreeSet<>();
            all.filter(Files::isRegularFile)
                    .map(file -> output.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !name.startsWith("cache"))
                    .forEach(names::add);
            return names;
        }
    }

    /** The figures of a run, but for the time that it took. */
    private static List<Map<String, String>> rows(Path run) throws IOException {
        List<Map<String, String>> rows = MetricsFile.read(run.resolve("run/metrics.csv"));
        rows.forEach(row -> row.keySet().removeIf(name -> name.startsWith("seconds")));
        return rows;
    }

    private void kill(TrainingKind kind, Path run, int event, int life) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dai.djl.offline=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RandomKillTest.class.getName(),
                        kind.name(),
                        run.toString())
                .redirectError(run.resolve("child.txt").toFile())
                .start();
        try (BufferedReader out = child.inputReader()) {
            assertThat(out.lines()
                            .filter(line -> line.startsWith("event "))
                            .limit(event)
                            .count())
                    .as("the child: %s", Files.readString(run.resolve("child.txt")))
                    .isPositive();
            child.waitFor(life, TimeUnit.MILLISECONDS); // it may have ended by then, which is a moment too
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /** The child process: a run that says what it does. */
    public static void main(String[] args) throws IOException {
        train(TrainingKind.valueOf(args[0]), Path.of(args[1]), new Telling());
    }

    private static void train(TrainingKind kind, Path run, TrainingLoop.Watcher watcher) throws IOException {
        try (NDManager manager = NDManager.newBaseManager();
                Training training =
                        kind.open(run.resolve("run.yaml"), new StartOptions(false, List.of()), manager, watcher)) {
            training.run();
        }
    }

    /** Prints a line at each event. */
    private static final class Telling implements TrainingLoop.Watcher {
        private static void event(String what) {
            System.out.println("event " + what);
            System.out.flush();
        }

        @Override
        public void begins(long done, long steps) {
            event("begins");
        }

        @Override
        public void stepped(long step, double loss, double rate) {
            event("step " + step);
        }

        @Override
        public void figures(long step, Map<String, Double> figures) {
            event("figures " + step);
        }

        @Override
        public void sampled(long step, Path image) {
            event("sampled " + step);
        }

        @Override
        public void made(long step, Path made) {
            event("made " + step);
        }

        @Override
        public void saved(Path checkpoint) {
            event("saved " + checkpoint);
        }
    }
}
