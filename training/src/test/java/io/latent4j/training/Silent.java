package io.latent4j.training;

import io.latent4j.training.run.TrainingLoop;
import java.util.function.DoubleConsumer;

/** Hears each step's loss and nothing else. */
public record Silent(DoubleConsumer losses) implements TrainingLoop.Watcher {

    @Override
    public void stepped(long step, double loss, double rate) {
        losses.accept(loss);
    }
}
