package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.metrics.MetricsFile;
import io.latent4j.training.optimizer.Adafactor;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.Ema;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Optimizer;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.optimizer.RateSchedule;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingLoopTest {
    @TempDir
    private Path folder;

    private static List<Optimizer.Settings> optimizers() {
        return List.of(AdamW.Settings.DEFAULT, Adafactor.Settings.DEFAULT, new Adafactor.Settings(1e-30, 1, true, 0.1));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void goesOnAsIfItHadNeverStopped(Optimizer.Settings optimizer) throws IOException {
        List<Double> whole = run(folder.resolve("whole"), optimizer, 20, 20, -1);
        List<Double> first = run(folder.resolve("parts"), optimizer, 20, 13, -1); // the newest checkpoint is of step 10
        List<Double> rest = run(folder.resolve("parts"), optimizer, 20, 20, -1);
        assertThat(whole.get(19)).isLessThan(whole.get(0) * 0.9);
        assertThat(first).isEqualTo(whole.subList(0, 13));
        assertThat(rest).isEqualTo(whole.subList(10, 20));
        assertThat(Files.readAllLines(folder.resolve("parts/metrics.csv")).stream()
                        .map(line -> line.split(",", 2)[0])
                        .toList())
                .containsExactly("step", "5", "10", "15", "20");
    }

    @Test
    void tellsHowLongAStepTakesAndWaits() throws IOException {
        run(folder, 5, 5);
        List<String> lines = Files.readAllLines(folder.resolve("metrics.csv"));
        List<String> columns = Splitter.on(',').splitToList(lines.get(0));
        List<String> values = Splitter.on(',').splitToList(lines.get(1));
        double step = Double.parseDouble(values.get(columns.indexOf("seconds a step")));
        double data = Double.parseDouble(values.get(columns.indexOf("seconds for data")));
        assertThat(data).isNotNegative().isLessThanOrEqualTo(step);
    }

    @Test
    void keepsTheNewestCheckpoints() throws IOException {
        run(folder, 20, 20);
        try (var entries = Files.list(folder.resolve("checkpoints"))) {
            assertThat(entries.map(p -> p.getFileName().toString()).sorted().toList())
                    .containsExactly("step-00000015", "step-00000020");
        }
    }

    @Test
    void stopsAtALossThatIsNoNumber() {
        assertThatThrownBy(() -> run(folder, 20, 20, 7))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("training diverged at step 7")
                .hasMessageContaining("; lower training.rate, or warm up longer. ")
                .hasMessageContaining("step-00000005 is intact");
        assertThat(folder.resolve("checkpoints/step-00000005")).isDirectory();
        assertThat(folder.resolve("checkpoints/step-00000007")).doesNotExist();
    }

    @Test
    void namesNoCheckpointWhereThereIsNone() {
        assertThatThrownBy(() -> run(folder, 20, 20, 3))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("There is no checkpoint yet");
    }

    @Test
    void averagesAsManyStepsAfterAResume() throws IOException {
        List<Map<String, String>> whole = figuresWithout("seconds", runLogging(folder.resolve("whole"), 4, 13, 0));
        runLogging(folder.resolve("parts"), 4, 13, 12); // the newest checkpoint is of step 10, two steps after a row
        assertThat(figuresWithout("seconds", runLogging(folder.resolve("parts"), 4, 13, 0)))
                .isEqualTo(whole)
                .hasSize(4);
    }

    private static List<Map<String, String>> figuresWithout(String prefix, Path run) throws IOException {
        return MetricsFile.read(run.resolve("metrics.csv")).stream()
                .map(row -> Maps.filterKeys(row, name -> !name.startsWith(prefix)))
                .toList();
    }

    /** With a row of figures every {@code logEvery} steps. */
    private static Path runLogging(Path folder, long logEvery, long steps, long until) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Linear linear = new Linear(3, 2);
            Initialization.fill(linear, manager, 1);
            TrainingLoop.Settings settings = settings(AdamW.Settings.DEFAULT, steps, 0, logEvery);
            Parameters parameters = Parameters.of(ImmutableMap.of("net", linear));
            Lines lines = new Lines(linear, manager, -1);
            new TrainingLoop(settings, folder, parameters, lines, new Quiet(new ArrayList<>(), until)).run();
        } catch (Killed e) {
            assertThat(until).isLessThan(steps);
        }
        return folder;
    }

    @Test
    void drawsTheSamplesThatAKilledProcessDidNot() throws IOException {
        TrainingLoop.Samples black = step -> new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        assertThatThrownBy(() -> runWithSamples(5, black, new TrainingLoop.Watcher() {
                    @Override
                    public void saved(Path checkpoint) {
                        if (checkpoint.endsWith("step-00000010")) {
                            throw new Killed();
                        }
                    }
                }))
                .isInstanceOf(Killed.class);
        assertThat(folder.resolve("samples/step-00000010.png")).doesNotExist();
        String draft = "samples/.latent4j-0-" + UUID.randomUUID();
        for (String ending : List.of(".draft", ".lock")) {
            Files.writeString(folder.resolve(draft + ending), "what a killed process was writing");
        }
        Path checkpoint = Files.createDirectories(folder.resolve("checkpoints/.step-00000009.draft"));
        runWithSamples(5, black, new TrainingLoop.Watcher() {});
        assertThat(folder.resolve("samples"))
                .isDirectoryContaining("glob:**step-00000010.png")
                .isDirectoryNotContaining("glob:**.{draft,lock}");
        assertThat(checkpoint).doesNotExist();
    }

    @Test
    void stopsWhileItMeasuresMemory() throws IOException {
        assumeTrue(Files.isWritable(Path.of("/proc/self/clear_refs")), "the system says how much memory is used");
        AtomicBoolean asked = new AtomicBoolean();
        List<Integer> tried = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            Linear linear = new Linear(3, 2);
            Initialization.fill(linear, manager, 1);
            Objective.Trial trial = new Objective.Trial(4, (pass, images) -> {
                asked.set(true);
                NDArray y = linear.forward(pass, manager.ones(new Shape(8, 3)));
                tried.add(images); // which it does not come to
                return y.square().mean();
            });
            TrainingLoop.Watcher watcher = new Asked(losses, asked) {
                @Override
                public void note(String text) {
                    notes.add(text);
                }
            };
            Parameters parameters = Parameters.of(ImmutableMap.of("net", linear));
            Objective lines = new Tried(new Lines(linear, manager, -1), trial);
            assertThat(new TrainingLoop(settings(20), folder, parameters, lines, watcher).run())
                    .isFalse();
        }
        assertThat(notes).containsExactly("measuring how much memory a step takes");
        assertThat(tried).isEmpty();
        assertThat(losses).isEmpty();
        assertThat(folder.resolve("checkpoints")).doesNotExist();
    }

    /** An objective whose steps can be tried. */
    private record Tried(Objective objective, Trial each) implements Objective {
        @Override
        public Loss loss(Pass pass, long step, int part) {
            return objective.loss(pass, step, part);
        }

        @Override
        public Optional<Trial> trial() {
            return Optional.of(each);
        }

        @Override
        public Map<String, Double> validate() throws IOException {
            return objective.validate();
        }
    }

    @Test
    void refusesTheCheckpointOfAnotherModel() throws IOException {
        run(folder, 5, 5);
        Path other = folder.resolve("other");
        Files.createDirectories(other);
        try (NDManager manager = NDManager.newBaseManager()) {
            Linear linear = new Linear(4, 2);
            Initialization.fill(linear, manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("net", linear));
            TrainingLoop loop = new TrainingLoop(
                    settings(5), folder, parameters, new Lines(linear, manager, -1), new Quiet(new ArrayList<>(), 5));
            assertThatThrownBy(loop::run)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("net.weight=(2, 3), expected (2, 4)");
        }
    }

    @Test
    void endsWithACheckpointWhenItIsStopped() throws IOException {
        List<Double> whole = run(folder.resolve("whole"), 20, 20);
        List<Double> losses = new ArrayList<>();
        assertThat(runUntilStopped(losses, 7)).isFalse();
        assertThat(folder.resolve("parts/checkpoints/step-00000007")).isDirectory();
        assertThat(runUntilStopped(losses, 10)).isFalse();
        assertThat(runUntilStopped(losses, 20)).isTrue();
        assertThat(losses).isEqualTo(whole);
    }

    private boolean runUntilStopped(List<Double> losses, int step) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Linear linear = new Linear(3, 2);
            Initialization.fill(linear, manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("net", linear));
            Lines lines = new Lines(linear, manager, -1);
            return new TrainingLoop(
                            settings(20), folder.resolve("parts"), parameters, lines, new Stopping(losses, step))
                    .run();
        }
    }

    @Test
    void drawsSamplesOfTheAverageAndLeavesTheWeights() throws IOException {
        List<Long> drawn = new ArrayList<>();
        List<Double> losses = runWithSamples(5, step -> {
            drawn.add(step);
            return new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        });
        assertThat(drawn).containsExactly(5L, 10L, 15L, 20L);
        assertThat(folder.resolve("samples/step-00000020.png")).exists();
        assertThat(losses).isEqualTo(run(folder.resolve("without"), 20, 20));
    }

    @Test
    void isNotStoppedBySamplesThatWereCancelledForIt() throws IOException {
        AtomicBoolean asked = new AtomicBoolean();
        List<Double> losses = runWithSamples(
                5,
                step -> {
                    asked.set(true); // as if the user had asked for an end now
                    throw new CancellationException();
                },
                asked);
        assertThat(losses).hasSize(5);
        assertThat(folder.resolve("checkpoints/step-00000005")).isDirectory();
        assertThat(folder.resolve("samples/step-00000005.png")).doesNotExist();
    }

    private List<Double> runWithSamples(long every, TrainingLoop.Samples samples) throws IOException {
        return runWithSamples(every, samples, new AtomicBoolean());
    }

    private List<Double> runWithSamples(long every, TrainingLoop.Samples samples, AtomicBoolean asked)
            throws IOException {
        List<Double> losses = new ArrayList<>();
        runWithSamples(every, samples, new Asked(losses, asked));
        return losses;
    }

    private void runWithSamples(long every, TrainingLoop.Samples samples, TrainingLoop.Watcher watcher)
            throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Linear linear = new Linear(3, 2);
            Initialization.fill(linear, manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("net", linear));
            Lines lines = new Lines(linear, manager, -1);
            new TrainingLoop(settings(20, every), folder, parameters, lines, Optional.of(samples), watcher).run();
        }
    }

    private static List<Double> run(Path folder, long steps, long until) throws IOException {
        return run(folder, steps, until, -1);
    }

    private static List<Double> run(Path folder, long steps, long until, long brokenAt) throws IOException {
        return run(folder, AdamW.Settings.DEFAULT, steps, until, brokenAt);
    }

    /** Runs until a watcher throws, as if the process had died there. */
    private static List<Double> run(Path folder, Optimizer.Settings optimizer, long steps, long until, long brokenAt)
            throws IOException {
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            Linear linear = new Linear(3, 2);
            Initialization.fill(linear, manager, 1);
            Parameters parameters = Parameters.of(ImmutableMap.of("net", linear));
            TrainingLoop loop = new TrainingLoop(
                    settings(optimizer, steps, 0),
                    folder,
                    parameters,
                    new Lines(linear, manager, brokenAt),
                    new Quiet(losses, until));
            loop.run();
        } catch (Killed e) {
            assertThat(until).isLessThan(steps);
        }
        return losses;
    }

    private static TrainingLoop.Settings settings(long steps) {
        return settings(steps, 0);
    }

    private static TrainingLoop.Settings settings(long steps, long sampleEvery) {
        return settings(AdamW.Settings.DEFAULT, steps, sampleEvery);
    }

    private static TrainingLoop.Settings settings(Optimizer.Settings optimizer, long steps, long sampleEvery) {
        return settings(optimizer, steps, sampleEvery, 5);
    }

    private static TrainingLoop.Settings settings(
            Optimizer.Settings optimizer, long steps, long sampleEvery, long logEvery) {
        return new TrainingLoop.Settings(
                new RateSchedule(0.05, 3, steps, RateSchedule.Shape.COSINE),
                2,
                Optional.of(1.0),
                optimizer,
                Optional.of(Ema.Decay.to(0.9)),
                false,
                5,
                2,
                logEvery,
                0,
                sampleEvery);
    }

    /** Learns a map of random points to zero. */
    private record Lines(Linear linear, NDManager manager, long brokenAt) implements Objective {
        @Override
        public Loss loss(Pass pass, long step, int part) {
            TorchRandom random = new TorchRandom(100 * step + part);
            long in = linear.shapes().get("weight").get(1);
            NDArray y = linear.forward(pass, random.normal(manager, new Shape(8, in)));
            NDArray loss = y.square().mean();
            return new Loss(step == brokenAt ? loss.mul(Float.NaN) : loss, Map.of());
        }

        @Override
        public Map<String, Double> validate() {
            return Map.of();
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private record Quiet(List<Double> losses, long until) implements TrainingLoop.Watcher {

        @Override
        public void stepped(long step, double loss, double rate) {
            losses.add(loss);
            if (step == until && step % 5 != 0) {
                throw new Killed();
            }
        }
    }

    /** Has the run stop after step {@code until}. */
    private record Stopping(List<Double> losses, int until) implements TrainingLoop.Watcher {

        @Override
        public void stepped(long step, double loss, double rate) {
            losses.add(loss);
        }

        @Override
        public boolean stopping() {
            return losses.size() >= until;
        }
    }

    /** Has the run stop when it is asked for. */
    private static class Asked implements TrainingLoop.Watcher {
        private final List<Double> losses;
        private final AtomicBoolean asked;

        Asked(List<Double> losses, AtomicBoolean asked) {
            this.losses = losses;
            this.asked = asked;
        }

        @Override
        public void stepped(long step, double loss, double rate) {
            losses.add(loss);
        }

        @Override
        public boolean stopping() {
            return asked.get();
        }
    }
}
