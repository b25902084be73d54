package io.latent4j.training.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.core.memory.MachineMemory;
import io.latent4j.core.nn.Recording;
import io.latent4j.training.metrics.MetricsFile;
import io.latent4j.training.metrics.MetricsWindow;
import io.latent4j.training.metrics.PlotFile;
import io.latent4j.training.optimizer.Ema;
import io.latent4j.training.optimizer.GradientDescent;
import io.latent4j.training.optimizer.LossScale;
import io.latent4j.training.optimizer.MixedPrecision;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Optimizer;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.optimizer.RateSchedule;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Minimizes an {@link Objective}: gradients of one or more batches, clipped; an {@link Optimizer}; the average; figures, checkpoints and
 * samples as often as asked. A run that was stopped at any moment and is begun anew in the same folder goes on from its
 * newest checkpoint and ends as if it had never stopped: nothing is random but what follows from a step's number.
 */
public final class TrainingLoop {
    private final Settings settings;
    private final Path folder;
    private final Parameters parameters;
    private final Objective objective;
    private final Optional<Samples> samples;
    private final Watcher watcher;
    private final GradientDescent descent;
    private final Optional<Ema> ema;
    private final Checkpoints checkpoints;
    private LossScale scale = LossScale.FIRST;

    /**
     * How a run goes.
     *
     * @param accumulate batches whose gradients are averaged for one step, 1 or more
     * @param clip the largest norm of all gradients together; empty to leave them
     * @param optimizer how gradients move the parameters
     * @param ema the average to keep; empty for none
     * @param precision what networks compute in
     * @param recompute whether stages are computed anew for their gradient, to need less memory
     * @param checkpointEvery steps between checkpoints; the last step always has one
     * @param keep checkpoints to keep
     * @param logEvery steps between lines of figures
     * @param validateEvery steps between validations; 0 for none
     * @param sampleEvery steps between samples; 0 for none
     * @param saveEvery steps between what a run makes before its end; 0 for none
     */
    public record Settings(
            RateSchedule rate,
            int accumulate,
            Optional<Double> clip,
            Optimizer.Settings optimizer,
            Optional<Ema.Decay> ema,
            MixedPrecision precision,
            boolean recompute,
            long checkpointEvery,
            int keep,
            long logEvery,
            long validateEvery,
            long sampleEvery,
            long saveEvery) {

        /** In float32, and made at the end only. */
        public Settings(
                RateSchedule rate,
                int accumulate,
                Optional<Double> clip,
                Optimizer.Settings optimizer,
                Optional<Ema.Decay> ema,
                boolean recompute,
                long checkpointEvery,
                int keep,
                long logEvery,
                long validateEvery,
                long sampleEvery) {
            this(
                    rate,
                    accumulate,
                    clip,
                    optimizer,
                    ema,
                    MixedPrecision.FLOAT32,
                    recompute,
                    checkpointEvery,
                    keep,
                    logEvery,
                    validateEvery,
                    sampleEvery,
                    0);
        }

        /** The same for a run of so many steps. */
        Settings withSteps(long steps) {
            return new Settings(
                    new RateSchedule(rate.rate(), rate.warmUp(), steps, rate.shape(), rate.least()),
                    accumulate,
                    clip,
                    optimizer,
                    ema,
                    precision,
                    recompute,
                    checkpointEvery,
                    keep,
                    logEvery,
                    validateEvery,
                    sampleEvery,
                    saveEvery);
        }
    }

    /** Receives how a run goes, on the thread that trains. */
    public interface Watcher {
        /** Something to know, before the first step as a rule. */
        default void note(String text) {}

        /** What is trained on what; the run begins next. */
        default void prepared(RunFacts facts) {}

        /** Before the run, class image {@code done} of {@code count} was made. */
        default void classImage(int done, int count) {}

        /** The run begins after step {@code done} of {@code steps}. */
        default void begins(long done, long steps) {}

        /** Step {@code step} is done. */
        default void stepped(long step, double loss, double rate) {}

        /** A line of figures was written. */
        default void figures(long step, Map<String, Double> figures) {}

        /** An image of what the model makes was written. */
        default void sampled(long step, Path image) {}

        /** What the run makes was written as it is after step {@code step}, before its end. */
        default void made(long step, Path made) {}

        /** A checkpoint was saved. */
        default void saved(Path checkpoint) {}

        /** Whether the run is to end after the step it is at, with a checkpoint. */
        default boolean stopping() {
            return false;
        }
    }

    /** Shows what a model makes. */
    @FunctionalInterface
    public interface Samples {
        /**
         * One image of samples after step {@code step}; the model has its averaged parameters now.
         *
         * @throws CancellationException if the run is to end
         */
        BufferedImage draw(long step) throws IOException;
    }

    /** Writes what a run makes, as it is before the run's end. */
    @FunctionalInterface
    public interface Making {
        /** Writes it after step {@code step}, whole or not at all; answers the file or folder. */
        Path write(long step) throws IOException;
    }

    /** A loop that has not run and draws no samples. */
    public TrainingLoop(Settings settings, Path folder, Parameters parameters, Objective objective, Watcher watcher) {
        this(settings, folder, parameters, objective, Optional.empty(), watcher);
    }

    /**
     * A loop that has not run.
     *
     * @param folder of this run: {@code checkpoints}, {@code metrics.csv}, {@code loss.png} and {@code samples} are in it
     * @param samples to draw now and then
     */
    public TrainingLoop(
            Settings settings,
            Path folder,
            Parameters parameters,
            Objective objective,
            Optional<Samples> samples,
            Watcher watcher) {
        this.settings = settings;
        this.folder = folder;
        this.parameters = parameters;
        this.objective = objective;
        this.samples = samples;
        this.watcher = watcher;
        MemoryNeed.checkState(
                parameters.values().stream()
                        .mapToLong(value -> settings.optimizer.remembered(value.getShape()))
                        .sum(),
                parameters.count(),
                settings.ema.isPresent(),
                parameters.manager().getDevice().isGpu()
                        ? Long.MAX_VALUE
                        : MachineMemory.here().free());
        this.descent = new GradientDescent(parameters, settings.optimizer, settings.clip);
        this.ema = settings.ema.map(decay -> new Ema(parameters, decay));
        this.checkpoints = new Checkpoints(Checkpoints.folder(folder), settings.keep);
    }

    /**
     * Runs to the last step, from the newest checkpoint if there is one.
     *
     * @return whether it reached the last step; else {@code watcher} stopped it: after a step, of which there is a checkpoint
     *     then, or before the first one
     * @throws IOException if a file cannot be read or written; the newest checkpoint is whole then
     * @throws ArithmeticException if the loss is not a number any more; nothing was saved since it was
     */
    public boolean run() throws IOException {
        return run(Optional.empty(), Optional.empty());
    }

    /**
     * {@link #run()} as a run in its folder.
     *
     * @param run records what the run is run with when its first step begins; the loop stops early when it is being closed
     * @param making writes what the run makes, as often as the settings say
     */
    public boolean run(RunFolder run, Making making) throws IOException {
        return run(Optional.of(run), Optional.of(making));
    }

    private boolean run(Optional<RunFolder> run, Optional<Making> making) throws IOException {
        Recording.off();
        Files.createDirectories(folder);
        Leftovers.remove(folder);
        BooleanSupplier stopping =
                () -> watcher.stopping() || run.map(RunFolder::isClosing).orElse(false);
        Optional<Path> newest = checkpoints.newest();
        MetricsWindow window = newest.isPresent() ? resume(newest.get()) : new MetricsWindow();
        long done = newest.map(Checkpoints::step).orElse(0L);
        long steps = settings.rate.steps();
        MetricsFile metrics = new MetricsFile(folder.resolve("metrics.csv"), done);
        PlotFile plot = new PlotFile(folder.resolve("loss.png"), folder.resolve("metrics.csv"));
        if (done < steps && !measure(stopping)) {
            return false;
        }
        if (run.isPresent()) {
            run.get().begin();
        }
        watcher.begins(done, steps);
        if (done > 0 && Files.notExists(samplesOf(done))) {
            sample(done, stopping); // which the end of the process may have prevented
        }
        for (long step = done + 1; step <= steps; step++) {
            double rate = settings.rate.at(step);
            double loss = step(step, rate, window);
            watcher.stepped(step, loss, rate);
            Map<String, Double> figures = figures(step, rate, window);
            if (!figures.isEmpty()) {
                metrics.add(step, figures);
                watcher.figures(step, figures);
                plot.update();
            }
            if (making.isPresent() && step < steps && due(step, settings.saveEvery)) {
                watcher.made(
                        step, making.get().write(step)); // before the checkpoint, after which it would not come again
            }
            boolean saved = step % settings.checkpointEvery == 0 || step == steps;
            if (saved) {
                save(step, window);
            }
            sample(step, stopping);
            if (step < steps && stopping.getAsBoolean()) {
                if (!saved) {
                    save(step, window);
                }
                plot.draw();
                return false;
            }
        }
        plot.draw();
        return true;
    }

    /**
     * Measures how much memory a step takes, on the CPU and where the system says so.
     *
     * @return whether the run goes on; else it was stopped
     */
    private boolean measure(BooleanSupplier stopping) {
        Optional<Objective.Trial> trial =
                parameters.manager().getDevice().isGpu() ? Optional.empty() : objective.trial();
        if (trial.isEmpty()) {
            return !stopping.getAsBoolean();
        }
        watcher.note("measuring how much memory a step takes");
        MachineMemory memory = MachineMemory.here();
        MemoryNeed.Savings savings = new MemoryNeed.Savings(!settings.recompute, settings.ema.isPresent());
        try {
            MemoryNeed.measure(memory, trial.get().batch(), images -> {
                        StoppablePass.check(stopping);
                        return memory.peak(() -> tryOut(trial.get(), images, stopping));
                    })
                    .map(need -> need.check(savings))
                    .ifPresent(watcher::note);
            return !stopping.getAsBoolean();
        } catch (CancellationException e) {
            if (!stopping.getAsBoolean()) {
                throw e;
            }
            return false;
        }
    }

    @SuppressWarnings("try")
    private void tryOut(Objective.Trial trial, int images, BooleanSupplier stopping) {
        try (NDScope scope = new NDScope()) {
            descent.add(
                    settings.recompute,
                    settings.precision,
                    1,
                    pass -> new Objective.Loss(trial.loss().apply(StoppablePass.of(pass, stopping), images), Map.of()));
        } finally {
            parameters.clearGradients();
        }
    }

    private void save(long step, MetricsWindow window) throws IOException {
        JsonObject state = new SavedState(scale, window).json(settings.precision.isScaled());
        watcher.saved(checkpoints.save(step, arrays(), state));
    }

    private Path samplesOf(long step) {
        return folder.resolve("samples").resolve("step-%08d.png".formatted(step));
    }

    private void sample(long step, BooleanSupplier stopping) throws IOException {
        if (samples.isEmpty() || !due(step, settings.sampleEvery) || stopping.getAsBoolean()) {
            return;
        }
        Path file = samplesOf(step);
        Files.createDirectories(file.getParent());
        try {
            averaged(() -> PngFile.write(file, samples.get().draw(step), Map.of()));
            watcher.sampled(step, file);
        } catch (CancellationException e) {
            if (!stopping.getAsBoolean()) {
                throw e;
            }
        }
    }

    private Map<String, Double> figures(long step, double rate, MetricsWindow window) throws IOException {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (step % settings.logEvery == 0 || step == settings.rate.steps()) {
            figures.putAll(window.close(rate));
            if (settings.precision.isScaled()) {
                figures.put("loss scale", scale.factor());
            }
        }
        if (due(step, settings.validateEvery)) {
            averaged(() -> objective.validate().forEach((name, value) -> figures.put("validation " + name, value)));
        }
        return figures;
    }

    /** Runs {@code body} while the model has what the run makes: the averaged parameters, where it keeps an average. */
    public void averaged(Ema.Body body) throws IOException {
        if (ema.isPresent()) {
            ema.get().during(body);
        } else {
            body.run();
        }
    }

    private boolean due(long step, long every) {
        return every > 0 && (step % every == 0 || step == settings.rate.steps());
    }

    @SuppressWarnings("try")
    private double step(long step, double rate, MetricsWindow window) throws IOException {
        double factor = settings.precision.isScaled() ? scale.factor() : 1;
        double loss = 0;
        for (int part = 0; part < settings.accumulate; part++) {
            long before = System.nanoTime();
            objective.prepare(step, part);
            window.waited(System.nanoTime() - before);
            try (NDScope scope = new NDScope()) {
                int each = part;
                Objective.Loss made = descent.add(
                        settings.recompute,
                        settings.precision,
                        factor / settings.accumulate,
                        pass -> objective.loss(pass, step, each));
                loss += made.total().getFloat() / settings.accumulate;
                window.add(made.terms());
                window.addToBatch(objective.after(step, part, settings.accumulate));
            }
        }
        double norm = descent.norm() / factor;
        boolean finite = Double.isFinite(loss) && Double.isFinite(norm);
        if (!finite && settings.precision.isScaled() && !scale.isExhausted()) {
            scale = scale.overflowed();
            descent.skip();
            window.skipped();
            return loss;
        }
        if (!finite) {
            throw new ArithmeticException("training diverged at step " + step + ": the loss is " + loss
                    + " and the gradient's norm " + norm + "; lower training.rate, "
                    + (settings.clip.isEmpty() ? "set training.clip to 1, " : "")
                    + "or warm up longer" + whatIsKept());
        }
        if (settings.precision.isScaled()) {
            descent.scale(1 / factor);
            scale = scale.kept();
        }
        descent.step(rate);
        ema.ifPresent(e -> e.update(step));
        window.stepped(loss, norm);
        return loss;
    }

    private String whatIsKept() throws IOException {
        return checkpoints
                .newest()
                .map(newest -> ". " + newest + " is intact, and the run goes on from there")
                .orElse(". There is no checkpoint yet");
    }

    private MetricsWindow resume(Path newest) throws IOException {
        Checkpoints.restore(newest, arrays());
        SavedState saved = Checkpoints.state(newest);
        scale = saved.scale();
        return saved.window();
    }

    private Map<String, Map<String, NDArray>> arrays() {
        ImmutableMap.Builder<String, Map<String, NDArray>> arrays = ImmutableMap.builder();
        arrays.put("parameters", parameters.arrays());
        arrays.put("optimizer", descent.state());
        ema.ifPresent(e -> arrays.put("average", e.state()));
        if (!objective.state().isEmpty()) {
            arrays.put("objective", objective.state());
        }
        return arrays.buildOrThrow();
    }
}
