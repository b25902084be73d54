package io.latent4j.service.registry;

import io.latent4j.pipeline.UnconditionalPipeline;
import java.io.IOException;

/** Opens a model that takes no text. */
@FunctionalInterface
public interface PixelOpener {

    /** A model that the caller closes. */
    UnconditionalPipeline open() throws IOException;
}
