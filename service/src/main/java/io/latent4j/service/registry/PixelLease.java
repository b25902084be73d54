package io.latent4j.service.registry;

import io.latent4j.pipeline.UnconditionalPipeline;

/** The use of a model that takes no text until this is closed. The model stays the registry's. */
public final class PixelLease implements AutoCloseable {
    private final OpenModel.Use<UnconditionalPipeline> open;

    PixelLease(OpenModel.Use<UnconditionalPipeline> open) {
        this.open = open;
    }

    /** The model. */
    public UnconditionalPipeline pipeline() {
        return open.model();
    }

    /**
     * Does nothing while the registry stays open.
     *
     * @throws io.latent4j.core.memory.ResourceClosedException if it is being closed: the user is to stop soon
     */
    public void check() {
        open.check();
    }

    @Override
    public void close() {
        open.close();
    }
}
