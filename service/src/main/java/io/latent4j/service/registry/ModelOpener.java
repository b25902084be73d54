package io.latent4j.service.registry;

import io.latent4j.pipeline.model.Model;
import java.io.IOException;

/** Opens a model. */
@FunctionalInterface
public interface ModelOpener {

    /** A model that the caller closes. */
    Model open() throws IOException;
}
