package io.latent4j.training.optimizer;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** What a run minimizes. Everything it draws at random follows from the step's number. */
public interface Objective {

    /**
     * Makes ready what the loss of one batch needs; called before {@link #loss} with the same numbers, outside of scopes and
     * of gradients.
     *
     * @throws IOException if images cannot be read
     */
    default void prepare(long step, int part) throws IOException {}

    /**
     * The loss of one batch, recorded for its gradient; called within a scope that is closed after the gradient is taken.
     *
     * @param pass to run the networks with
     * @param step the optimizer's step, 1 at first
     * @param part which of the batches whose gradients make up one step, 0 at first
     */
    Loss loss(Pass pass, long step, int part);

    /** What a step is like, for its memory to be measured; empty if that is not worth it. */
    default Optional<Trial> trial() {
        return Optional.empty();
    }

    /**
     * Stands in for a step.
     *
     * @param batch how many images a batch has
     * @param loss of so many images without content, recorded for its gradient
     */
    record Trial(int batch, BiFunction<Pass, Integer, NDArray> loss) {}

    /**
     * The loss of images set aside, with noise that is always the same, so that figures of different steps compare.
     * Called outside of gradients.
     */
    Map<String, Double> validate() throws IOException;

    /**
     * What learns against the model learns here: called after the gradient of a batch was taken, within the same scope
     * and outside of gradients.
     *
     * @param part the batch's number in its step, 0 at first
     * @param parts how many batches make up a step
     * @return more figures to report, by name
     */
    default Map<String, NDArray> after(long step, int part, int parts) {
        return Map.of();
    }

    /**
     * What it remembers from one step to the next, float32 by name: to be stored with a checkpoint, and to be written into
     * when a run goes on from one.
     */
    default Map<String, NDArray> state() {
        return Map.of();
    }

    /**
     * A loss and what it is made of.
     *
     * @param total a scalar
     * @param terms figures to report, by name
     */
    record Loss(NDArray total, Map<String, NDArray> terms) {
        public Loss {
            terms = Map.copyOf(terms);
        }
    }
}
