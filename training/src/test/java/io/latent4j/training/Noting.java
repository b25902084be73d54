package io.latent4j.training;

import io.latent4j.training.run.TrainingLoop;
import java.util.List;

/** Writes down what there is to know. */
public record Noting(List<String> notes) implements TrainingLoop.Watcher {
    @Override
    public void note(String text) {
        notes.add(text);
    }
}
