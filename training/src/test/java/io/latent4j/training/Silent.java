package io.latent4j.training;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.DoubleConsumer;

/** Hears each step's loss and nothing else. */
record Silent(DoubleConsumer losses) implements TrainingLoop.Watcher {
    @Override
    public void begins(long done, long steps) {}

    @Override
    public void stepped(long step, double loss, double rate) {
        losses.accept(loss);
    }

    @Override
    public void figures(long step, Map<String, Double> figures) {}

    @Override
    public void saved(Path checkpoint) {}
}
