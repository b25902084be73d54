package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import java.util.Map;

/** What a run minimizes. Everything it draws at random follows from the step's number. */
public interface Objective {

    /**
     * The loss of one batch, recorded for its gradient; called within a scope that is closed after the gradient is taken.
     *
     * @param pass to run the networks with
     * @param step the optimizer's step, 1 at first
     * @param part which of the batches whose gradients make up one step, 0 at first
     */
    Loss loss(Pass pass, long step, int part);

    /**
     * The loss of pictures set aside, with noise that is always the same, so that figures of different steps compare.
     * Called outside of gradients, within a scope.
     */
    Map<String, Double> validate();

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
