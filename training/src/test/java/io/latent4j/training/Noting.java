package io.latent4j.training;

import java.util.List;

/** Writes down what there is to know. */
record Noting(List<String> notes) implements TrainingLoop.Watcher {
    @Override
    public void note(String text) {
        notes.add(text);
    }
}
