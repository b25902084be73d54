package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.metrics.MetricsFile;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings of every kind in processes that are killed at random moments, as by {@code kill -9}, and gone on with: they end
 * with the files of a run that was not disturbed. {@code -Dlatent4j.kills=50} is the number of runs that are killed, each up
 * to three times, and {@code -Dlatent4j.kills.of=LORA} which of them; without it they come in turn.
 */
class RandomKillTest {
    private static final int KILLS = Integer.getInteger("latent4j.kills", 2);
    private static final String ONLY = System.getProperty("latent4j.kills.of", "");
    private static final int LONGEST_OPENING = 3000; // milliseconds
    private static final int LONGEST_LIFE = 40; // milliseconds after any other event
    private static final int MOST_DEATHS = 3; // of one run
    private static final String TRAINING =
            "training: {steps: 9, batch: 2, rate: 0.001, ema: 0.9, checkpoint_every: 2, log_every: 3,"
                    + " sample_every: 2, save_every: 4%s}\n";
    private static final String PROMPTS = "samples: {prompts: [a red circle], steps: 1}\n";
    private static final String SCENES = "data: {scenes: 8, set_aside: 2, size: 16}\n";
    private static final String DISCS = "data: {folder: images, prompt: \"a <moon>\", set_aside: 0, size: 16}\n";
    private static final String WORDS = "words: {tokens: [<moon>], initial: [circle]}\n";
    private static final String ADAPTER =
            "adapter: {rank: 2, dropout: 0.2, text_encoder: {train: true}, file: {type: f32}}\n";
    private static final String VAE = """
            {"in_channels": 3, "out_channels": 3, "latent_channels": 4, "block_out_channels": [8, 8],
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "norm_num_groups": 4,
             "layers_per_block": 1, "act_fn": "silu", "scaling_factor": 1}
            """;

    /** What is trained: a run file without its output and {@link #TRAINING}. */
    private enum Run {
        AUTOENCODER(
                TrainingKind.AUTOENCODER,
                SCENES + "model: {config: " + VAE.replace("\n", "") + "}\n"
                        + "loss: {discriminator: {start: 3, channels: 8, layers: 1}}\n"),
        DDPM(TrainingKind.DDPM, """
                data: {scenes: 12, size: 8, set_aside: 4}
                unet:
                  config: {in_channels: 3, out_channels: 3, block_out_channels: [16, 16], layers_per_block: 1,
                    norm_num_groups: 4, attention_head_dim: null, add_attention: false,
                    down_block_types: [DownBlock2D, DownBlock2D], up_block_types: [UpBlock2D, UpBlock2D]}
                scheduler: {num_train_timesteps: 20, beta_schedule: squaredcos_cap_v2}
                samples: {count: 2, steps: 2}
                """),
        /** Text-to-image from nothing, with a tokenizer of its own. */
        NEW_MODEL(TrainingKind.TEXT_TO_IMAGE, SCENES + PROMPTS + """
                        autoencoder: ../vae
                        tokenizer: {entries: 520, max_length: 16}
                        text_encoder:
                          config: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2,
                            hidden_act: quick_gelu, layer_norm_eps: 1e-5}
                        unet: {config: %s}
                        scheduler: {_class_name: DDIMScheduler, num_train_timesteps: 100, prediction_type: v_prediction}
                        """.formatted(TinyModels.unetConfig())),
        /** All weights of a model that is there. */
        WHOLE_MODEL(TrainingKind.TEXT_TO_IMAGE, SCENES + PROMPTS + "model: ../embedded\n"),
        /** With a prior, whose images the run makes first. */
        LORA(TrainingKind.LORA, SCENES + PROMPTS + ADAPTER + "prior: {prompts: [a circle], count: 3, steps: 1}\n"),
        LORA_XL(TrainingKind.LORA, SCENES + PROMPTS + ADAPTER + "model: ../xl\n"),
        WORDS(TrainingKind.TEXTUAL_INVERSION, DISCS + PROMPTS + RandomKillTest.WORDS),
        WORDS_XL(TrainingKind.TEXTUAL_INVERSION, DISCS + PROMPTS + RandomKillTest.WORDS + "model: ../xl\n");

        private final TrainingKind kind;
        private final String file;

        Run(TrainingKind kind, String file) {
            this.kind = kind;
            this.file = "output: run\n" + file + TRAINING.formatted(file.contains(SCENES) ? ", validate_every: 3" : "");
        }
    }

    @TempDir
    private Path folder;

    private final Random random = new Random();

    @Test
    @Timeout(3600)
    void endsWithTheFilesOfAnUndisturbedRun() throws IOException, InterruptedException {
        List<Run> runs = Arrays.stream(Run.values())
                .filter(run -> ONLY.isEmpty() || run.name().equals(ONLY))
                .toList();
        assertThat(runs).as("runs called %s", ONLY).isNotEmpty();
        int first = random.nextInt(runs.size());
        Map<Run, Whole> whole = new EnumMap<>(Run.class);
        for (int i = 0; i < KILLS; i++) {
            Run run = runs.get((first + i) % runs.size());
            if (!whole.containsKey(run)) {
                Path undisturbed = prepare(run, "whole-" + run);
                Telling telling = new Telling(new PrintStream(OutputStream.nullOutputStream()));
                train(run, undisturbed, telling);
                whole.put(run, new Whole(undisturbed, telling.events));
            }
            killAndGoOn(run, prepare(run, "killed-" + i), whole.get(run));
        }
    }

    /** An undisturbed run's folder, and the number of its events. */
    private record Whole(Path folder, int events) {}

    private void killAndGoOn(Run run, Path killed, Whole whole) throws IOException, InterruptedException {
        List<String> deaths = new ArrayList<>();
        int times = 1 + random.nextInt(MOST_DEATHS);
        for (int i = 0; i < times; i++) {
            int event = 1 + random.nextInt(whole.events);
            int life = random.nextInt(event == 1 ? LONGEST_OPENING : LONGEST_LIFE);
            deaths.add(life + " ms after event " + event);
            kill(run, killed, event, life);
        }
        train(run, killed, new TrainingLoop.Watcher() {});
        String what = "%s of %d events, killed %s".formatted(run, whole.events, deaths);
        assertThat(files(killed)).as(what).isEqualTo(files(whole.folder)).isNotEmpty();
        assertThat(rows(killed)).as(what).isEqualTo(rows(whole.folder));
        for (String file : files(killed)) {
            Path found = killed.resolve("run").resolve(file);
            Path expected = whole.folder.resolve("run").resolve(file);
            if (file.endsWith("state.json")) {
                assertThat(timeless(found)).as(what + ": " + file).isEqualTo(timeless(expected));
            } else if (!file.endsWith("metrics.csv")) {
                assertThat(found).as(what).hasSameBinaryContentAs(expected);
            }
        }
    }

    /** A checkpoint's state, but for how long its steps took. */
    private static String timeless(Path state) throws IOException {
        return Files.readString(state).replaceAll("\"(waited|elapsed)\":\\d+", "");
    }

    private Path prepare(Run run, String name) throws IOException {
        Path place = Files.createDirectories(folder.resolve(name));
        Files.writeString(place.resolve("run.yaml"), run.file);
        if (run.file.contains(DISCS)) {
            PlainImages.write(place.resolve("images"), 2, 16);
        }
        if (run == Run.NEW_MODEL && Files.notExists(folder.resolve("vae"))) {
            writeAutoencoder(folder.resolve("vae"));
        }
        if (run == Run.WHOLE_MODEL && Files.notExists(folder.resolve("embedded"))) {
            writeEmbedded(folder.resolve("embedded"));
        }
        if (run.file.contains("../xl") && Files.notExists(folder.resolve("xl"))) {
            TinyXl.write(folder.resolve("xl"));
        }
        return place;
    }

    private static void writeAutoencoder(Path place) throws IOException {
        JsonObject config = JsonParser.parseString(VAE).getAsJsonObject();
        try (NDManager manager = NDManager.newBaseManager()) {
            AutoencoderKL vae = new AutoencoderKL(AutoencoderKLConfig.from(Config.of("vae", config)));
            Initialization.fill(vae, manager, 1);
            ModelFolder.part(place, config, vae, "diffusion_pytorch_model.safetensors", StoredType.F32);
        }
    }

    private static void writeEmbedded(Path place) throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack();
                Stream<Path> entries = Files.list(model.folder())) {
            for (Path entry : entries.toList()) {
                Path copy = place.resolve(entry.getFileName().toString());
                if (Files.isDirectory(entry)) {
                    ModelFolder.copy(entry, copy);
                } else {
                    Files.createDirectories(place);
                    Files.copy(entry, copy);
                }
            }
        }
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

    private static void kill(Run run, Path place, int event, int life) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dai.djl.offline=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RandomKillTest.class.getName(),
                        run.name(),
                        place.toString())
                .redirectError(place.resolve("child.txt").toFile())
                .start();
        try (BufferedReader out = child.inputReader()) {
            assertThat(out.lines()
                            .filter(line -> line.startsWith("event "))
                            .limit(event)
                            .count())
                    .as("the child: %s", Files.readString(place.resolve("child.txt")))
                    .isPositive();
            child.waitFor(life, TimeUnit.MILLISECONDS); // it may have ended by then, which is a moment too
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /** The child process: a run that says what it does. */
    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        train(Run.valueOf(args[0]), Path.of(args[1]), new Telling(out));
    }

    private static void train(Run run, Path place, TrainingLoop.Watcher watcher) throws IOException {
        try (NDManager manager = NDManager.newBaseManager();
                Training training = run.kind.open(
                        place.resolve("run.yaml"), new StartOptions(false, List.of()), manager, watcher)) {
            training.run();
        }
    }

    /** Prints a line at each event, of which this is the first. */
    private static final class Telling implements TrainingLoop.Watcher {
        private final PrintStream out;
        private int events;

        Telling(PrintStream out) {
            this.out = out;
            event("opens");
        }

        private void event(String what) {
            events++;
            out.println("event " + what);
        }

        @Override
        public void note(String text) {
            event("notes " + text);
        }

        @Override
        public void classImage(int done, int count) {
            event("class image " + done);
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
