package io.latent4j.cli.options;

import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.StableDiffusionPipeline;
import java.util.Optional;

/** A pipeline, and the weights of its refiner in memory until this is closed. */
public record LoadedRefiner(StableDiffusionPipeline pipeline, Optional<Components> refiner) implements AutoCloseable {

    @Override
    public void close() {
        refiner.ifPresent(Components::close);
    }
}
