package io.latent4j.service.registry;

import io.latent4j.pipeline.model.Model;
import java.io.IOException;

/** Opens something that goes with a model. */
@FunctionalInterface
public interface PartOpener<T> {

    /** What the caller closes, before the model. */
    T open(Model model) throws IOException;
}
