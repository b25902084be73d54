package io.latent4j.cli.train;

import io.latent4j.cli.output.Amounts;
import io.latent4j.cli.output.BarRenderer;
import io.latent4j.cli.output.Messages;
import io.latent4j.cli.output.RunDisplay;
import io.latent4j.cli.output.Terminal;
import io.latent4j.core.config.Counted;
import io.latent4j.training.run.RunFacts;
import io.latent4j.training.run.TrainingLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;

/**
 * Shows a user how training goes: on a terminal a line that changes, and above it what is worth keeping; elsewhere a line
 * now and then, with the time left. Any thread may have the training stop.
 */
final class TrainingDisplay implements TrainingLoop.Watcher, AutoCloseable {
    private static final int REFRESH_MILLIS = 200;
    private static final long QUIET_NANOS = 15_000_000_000L;

    private final Terminal terminal;
    private final LongSupplier clock;
    private final TrainingBar look;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile ProgressBar bar; // null where nobody watches
    private volatile boolean begun;
    private int imagesAStep;
    private long images;
    private long steps;
    private long step;
    private long first;
    private long begin;
    private long lastFigures;
    private boolean anyFigures;

    TrainingDisplay(Terminal terminal) {
        this(terminal, System::nanoTime);
    }

    /** With another clock, in nanoseconds. */
    TrainingDisplay(Terminal terminal, LongSupplier clock) {
        this.terminal = terminal;
        this.clock = clock;
        this.begin = clock.getAsLong();
        this.lastFigures = begin;
        this.look = new TrainingBar(terminal);
    }

    @Override
    public void note(String text) {
        line(text);
    }

    @Override
    public void prepared(RunFacts facts) {
        imagesAStep = facts.imagesAStep();
        images = facts.images();
        line(String.format(
                Locale.ROOT,
                "%s: %s %s to train, %,d %s to learn from, %,d set aside, %,d a step",
                facts.what(),
                Amounts.count(facts.parameters()),
                Counted.noun(facts.parameters(), "parameter"),
                facts.images(),
                Counted.noun(facts.images(), "image"),
                facts.setAside(),
                facts.imagesAStep()));
    }

    @Override
    public void classImage(int done, int count) {
        if (done == count || clock.getAsLong() - lastFigures > QUIET_NANOS) {
            line("class image " + done + " of " + count);
            lastFigures = clock.getAsLong();
        }
    }

    @Override
    public void begins(long done, long steps) {
        this.steps = steps;
        this.step = done;
        this.first = done;
        begun = true;
        begin = clock.getAsLong();
        line(beginning(done));
        if (terminal.isWatched()) {
            bar = new ProgressBarBuilder()
                    .setTaskName("")
                    .setInitialMax(steps)
                    .startsFrom(done, Duration.ZERO)
                    .setUpdateIntervalMillis(REFRESH_MILLIS)
                    .continuousUpdate()
                    .setRenderer(look)
                    .setConsumer(new Bottom())
                    .build();
        }
    }

    private String beginning(long done) {
        if (done >= steps) {
            return "the newest checkpoint is of step " + done + " and training.steps is " + steps
                    + ": no step is left, and the result is written as of step " + done;
        }
        return done == 0
                ? "training for " + Counted.of(steps, "step") + epochs(steps)
                : "going on after step " + done + " of " + steps;
    }

    /** How often every image comes, which other programs count in. */
    private String epochs(long steps) {
        return images == 0
                ? ""
                : String.format(Locale.ROOT, ", %.4g times through all images", (double) steps * imagesAStep / images);
    }

    @Override
    public void stepped(long step, double loss, double rate) {
        this.step = step;
        look.stepped(loss, rate, imagesAStep, clock.getAsLong());
        if (bar != null) {
            bar.stepTo(step);
        }
    }

    @Override
    public void figures(long step, Map<String, Double> figures) {
        boolean validated = figures.keySet().stream().anyMatch(name -> name.startsWith("validation "));
        boolean quiet = anyFigures && clock.getAsLong() - lastFigures < QUIET_NANOS;
        if (validated || step == steps || (!terminal.isWatched() && !quiet)) {
            StringJoiner text = new StringJoiner(", ");
            figures.forEach((name, value) -> text.add(String.format(Locale.ROOT, "%s %.4g", name, value)));
            line("step " + step + " of " + steps + ": " + text + timeLeft(step));
            anyFigures = true;
            lastFigures = clock.getAsLong();
        }
    }

    /** Where the line that changes does not show it. */
    private String timeLeft(long step) {
        if (terminal.isWatched() || step >= steps || step <= first) {
            return "";
        }
        double seconds = (clock.getAsLong() - begin) * 1e-9;
        return "; " + BarRenderer.time(seconds / (step - first) * (steps - step)) + " left";
    }

    @Override
    public void sampled(long step, Path image) {
        line("samples in " + image);
    }

    @Override
    public void made(long step, Path made) {
        line("wrote " + made);
    }

    @Override
    public void saved(Path checkpoint) {
        line("saved " + checkpoint);
    }

    @Override
    public boolean stopping() {
        return asked.get();
    }

    /** Has the run stop after the step it is at. */
    void stop() {
        if (!asked.getAndSet(true)) {
            line(begun ? "stopping after this step; its checkpoint will be saved" : "stopping before the first step");
        }
    }

    /** The run was stopped. */
    void stopped() {
        close();
        line(
                begun
                        ? "stopped after step " + step + " of " + steps + "; the same command goes on from there"
                        : "stopped before the first step; the same command starts again");
    }

    /** The run is complete. */
    void ended() {
        close();
        line("done after step " + step + ", " + BarRenderer.time((clock.getAsLong() - begin) * 1e-9)
                + " from the start");
    }

    /** Writes above the line that changes. */
    private void line(String text) {
        ProgressBar below = bar;
        synchronized (this) {
            String start = below == null ? "" : "\r" + blank() + "\r";
            terminal.out().println(start + Messages.shown(text));
            terminal.out().flush();
        }
        if (below != null) {
            below.refresh(); // which locks in the other order
        }
    }

    private String blank() {
        return terminal.colours() ? "\u001b[K" : " ".repeat(Math.max(0, terminal.width() - 1));
    }

    @Override
    public void close() {
        ProgressBar open = bar;
        bar = null;
        if (open != null) {
            boolean interrupted = Thread.interrupted(); // the bar would not wait for its last line
            open.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The line that changes. */
    private final class Bottom implements ProgressBarConsumer {
        private final RunDisplay.Line line = new RunDisplay.Line(terminal);

        @Override
        public int getMaxRenderedLength() {
            return line.getMaxRenderedLength();
        }

        @Override
        public void accept(String rendered) {
            synchronized (TrainingDisplay.this) {
                line.accept(rendered);
            }
        }

        @Override
        public void close() {
            synchronized (TrainingDisplay.this) {
                line.close();
            }
        }
    }
}
