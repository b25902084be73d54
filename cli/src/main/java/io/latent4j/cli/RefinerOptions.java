package io.latent4j.cli;

import ai.djl.Device;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.StableDiffusionPipeline;
import io.latent4j.pipeline.files.ModelFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A second model that makes the last steps. */
final class RefinerOptions {
    private static final double START = 0.8;

    @Option(
            names = "--refiner",
            paramLabel = "DIR",
            description = "Model that takes over part of the way, such as SDXL's refiner.")
    private Optional<Path> folder;

    @Option(
            names = "--refiner-start",
            paramLabel = "X",
            description = "The part of the way that is gone by then, between 0 and 1 (default: 0.8).")
    private Optional<Double> start;

    /**
     * The pipeline over {@code parts} and the refiner, if there is one; closing it frees the refiner alone.
     *
     * @param embeddings words that the refiner reads too
     * @param sampler how its sampling method is set too
     * @throws IllegalArgumentException if an option lacks the one that it belongs to, or the refiner does not fit
     */
    LoadedRefiner load(
            Components parts, ModelOptions model, Device device, EmbeddingOptions embeddings, SamplerOptions sampler)
            throws IOException {
        if (folder.isEmpty() && start.isPresent()) {
            throw new IllegalArgumentException("--refiner-start is given without --refiner; expected both");
        }
        StableDiffusionPipeline base = new StableDiffusionPipeline(parts);
        if (folder.isEmpty()) {
            return new LoadedRefiner(base, Optional.empty());
        }
        Components refiner = Components.load(ModelFiles.of(folder.get()), model.placement(device));
        try {
            Components second = embeddings.applied(refiner).withScheduler(sampler.set(refiner.scheduler()));
            return new LoadedRefiner(base.withRefiner(second, start.orElse(START)), Optional.of(refiner));
        } catch (IOException | IllegalArgumentException e) {
            refiner.close();
            throw e;
        }
    }
}
