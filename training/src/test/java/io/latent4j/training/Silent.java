package io.latent4j.training;

import java.util.function.DoubleConsumer;

/** Hears each step's loss and nothing else. */
record Silent(DoubleConsumer losses) implements TrainingLoop.Watcher {

    @Override
    public void stepped(long step, double loss, double rate) {
        losses.accept(loss);
    }
}
