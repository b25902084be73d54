package io.latent4j.service.registry;

import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import java.io.IOException;
import java.util.Optional;

/** Opens a model. */
@FunctionalInterface
public interface ModelOpener {

    /** A model that the caller closes. */
    Model open() throws IOException;

    /**
     * The model by its settings, whose weights are not read yet, for checks before they are; the caller closes it. Empty where
     * opening it is as much work as {@link #open}.
     */
    default Optional<Model> openWithoutWeights() throws IOException {
        return Optional.empty();
    }

    /**
     * How much memory the model's weights will take; 0 if it is not known.
     *
     * @param placement where they are to be
     */
    default long bytes(Placement placement) throws IOException {
        return 0;
    }
}
