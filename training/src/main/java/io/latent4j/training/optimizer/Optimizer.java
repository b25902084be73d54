package io.latent4j.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Map;

/** Moves parameters against their gradients. What it remembers belongs to the parameters' manager. */
public interface Optimizer {
    /** Moves every parameter; {@code rate} is the learning rate of this step. */
    void step(double rate);

    /** What it remembers, by name, to be stored and to be written into. */
    Map<String, NDArray> state();

    /** Which optimizer, and what does not change during a run. */
    interface Settings {
        /** An optimizer without a past. No scope may be open. */
        Optimizer begin(Parameters parameters);

        /** How many numbers it remembers of an array of this shape. */
        long remembered(Shape shape);
    }
}
