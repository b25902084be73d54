package io.latent4j.cli;

import io.latent4j.training.TrainingLoop;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Shows a user how training goes. */
final class TrainingDisplay implements TrainingLoop.Watcher, AutoCloseable {
    private final Terminal terminal;
    private long steps;

    TrainingDisplay(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void begins(long done, long steps) {
        this.steps = steps;
        line(done == 0 ? "training for " + steps + " steps" : "going on after step " + done + " of " + steps);
    }

    @Override
    public void stepped(long step, double loss, double rate) {}

    @Override
    public void figures(long step, Map<String, Double> figures) {
        StringJoiner text = new StringJoiner(", ");
        figures.forEach((name, value) -> text.add(String.format(Locale.ROOT, "%s %.4g", name, value)));
        line("step " + step + " of " + steps + ": " + text);
    }

    @Override
    public void sample(long step) {}

    @Override
    public void saved(Path checkpoint) {}

    private void line(String text) {
        terminal.out().println(text);
        terminal.out().flush();
    }

    @Override
    public void close() {}
}
