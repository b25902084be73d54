package io.latent4j.training.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.core.nn.Recording;
import io.latent4j.training.metrics.MetricsFile;
import io.latent4j.training.metrics.PlotFile;
import io.latent4j.training.optimizer.Ema;
import io.latent4j.training.optimizer.GradientDescent;
import io.latent4j.training.optimizer.LossScale;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Optimizer;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.training.optimizer.Precision;
import io.latent4j.training.optimizer.RateSchedule;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;

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
            Precision precision,
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
                    Precision.FLOAT32,
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

    /** Is told how a run goes, on the thread that trains. */
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
     * @return whether it came to the last step; else {@code watcher} stopped it, and there is a checkpoint of where it was
     * @throws IOException if a file cannot be read or written; the newest checkpoint is whole then
     * @throws ArithmeticException if the loss is not a number any more; nothing was saved since it was
     */
    public boolean run() throws IOException {
        return run(Optional.empty());
    }

    /** {@link #run()} that has {@code making} write what the run makes, as often as asked. */
    public boolean run(Making making) throws IOException {
        return run(Optional.of(making));
    }

    private boolean run(Optional<Making> making) throws IOException {
        Recording.off();
        Files.createDirectories(folder);
        long done = resume();
        long steps = settings.rate.steps();
        MetricsFile metrics = new MetricsFile(folder.resolve("metrics.csv"), done);
        PlotFile plot = new PlotFile(folder.resolve("loss.png"), folder.resolve("metrics.csv"));
        Window window = new Window();
        if (done < steps) {
            measure();
        }
        watcher.begins(done, steps);
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
                save(step);
            }
            sample(step);
            if (step < steps && watcher.stopping()) {
                if (!saved) {
                    save(step);
                }
                plot.draw();
                return false;
            }
        }
        plot.draw();
        return true;
    }

    /** Tells how much memory a step takes, on the CPU and where the system knows. */
    private void measure() {
        if (parameters.manager().getDevice().isGpu()) {
            return;
        }
        MachineMemory memory = MachineMemory.here();
        objective
                .trial()
                .flatMap(trial ->
                        MemoryNeed.measure(memory, trial.batch(), images -> memory.peak(() -> tryOut(trial, images))))
                .map(MemoryNeed::check)
                .ifPresent(watcher::note);
    }

    @SuppressWarnings("try")
    private void tryOut(Objective.Trial trial, int images) {
        try (NDScope scope = new NDScope()) {
            descent.add(
                    settings.recompute,
                    settings.precision,
                    1,
                    pass -> new Objective.Loss(trial.loss().apply(pass, images), Map.of()));
        }
        parameters.clearGradients();
    }

    private void save(long step) throws IOException {
        JsonObject state = new JsonObject();
        if (settings.precision.isScaled()) {
            scale.write(state);
        }
        watcher.saved(checkpoints.save(step, arrays(), state));
    }

    private void sample(long step) throws IOException {
        if (samples.isEmpty() || !due(step, settings.sampleEvery) || watcher.stopping()) {
            return;
        }
        Path file = Files.createDirectories(folder.resolve("samples")).resolve("step-%08d.png".formatted(step));
        try {
            averaged(() -> PngFile.write(file, samples.get().draw(step), Map.of()));
            watcher.sampled(step, file);
        } catch (CancellationException e) {
            if (!watcher.stopping()) {
                throw e;
            }
        }
    }

    private Map<String, Double> figures(long step, double rate, Window window) throws IOException {
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
    private double step(long step, double rate, Window window) throws IOException {
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
                window.more(objective.after(step, part, settings.accumulate));
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
            throw new ArithmeticException(
                    "the loss is " + loss + " and the gradient's norm " + norm + " at step " + step
                            + "; lower the rate, clip gradients, or warm up longer. Everything up to the newest checkpoint in "
                            + checkpoints.folder() + " is intact");
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

    private long resume() throws IOException {
        Optional<Path> newest = checkpoints.newest();
        if (newest.isEmpty()) {
            return 0;
        }
        Checkpoints.restore(newest.get(), arrays());
        scale = LossScale.read(Checkpoints.state(newest.get()));
        return Checkpoints.step(newest.get());
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

    /** Figures since the last line. */
    private static final class Window {
        private final Map<String, Double> terms = new TreeMap<>();
        private long parts;
        private long steps;
        private long skipped;
        private double losses;
        private double norms;
        private long waited;
        private long since = System.nanoTime();

        void add(Map<String, NDArray> figures) {
            more(figures);
            parts++;
        }

        void more(Map<String, NDArray> figures) {
            figures.forEach((name, value) -> terms.merge(name, (double) value.getFloat(), Double::sum));
        }

        /** Time in which a batch was not there yet. */
        void waited(long nanos) {
            waited += nanos;
        }

        void stepped(double loss, double norm) {
            losses += loss;
            norms += norm;
            steps++;
        }

        /** Also forgets what its terms were, which may be no numbers. */
        void skipped() {
            terms.clear();
            parts = 0;
            skipped++;
        }

        Map<String, Double> close(double rate) {
            Map<String, Double> figures = new LinkedHashMap<>();
            if (steps > 0) {
                figures.put("loss", losses / steps);
            }
            terms.forEach((name, sum) -> figures.put(name, sum / parts));
            figures.put("rate", rate);
            if (steps > 0) {
                figures.put("gradient norm", norms / steps);
            }
            figures.put("seconds a step", (System.nanoTime() - since) / 1e9 / (steps + skipped));
            figures.put("seconds for data", waited / 1e9 / (steps + skipped));
            terms.clear();
            parts = 0;
            skipped = 0;
            steps = 0;
            losses = 0;
            norms = 0;
            waited = 0;
            since = System.nanoTime();
            return figures;
        }
    }
}
