package io.latent4j.cli.options;

import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import java.util.Optional;

/** A pipeline, and the weights of its refiner in memory until this is closed. */
public record LoadedRefiner(TextToImagePipeline pipeline, Optional<Components> refiner) implements AutoCloseable {

    @Override
    public void close() {
        refiner.ifPresent(Components::close);
    }
}
