package io.latent4j.cli.options;

import ai.djl.Device;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** A second model that makes the last steps. */
public final class RefinerOptions {
    private static final double START = 0.8;

    @Option(
            names = "--refiner",
            paramLabel = "MODEL",
            description =
                    "Model that takes over part of the denoising trajectory, such as SDXL's refiner: as for --model.")
    private Optional<String> name;

    @Option(
            names = "--refiner-start",
            paramLabel = "X",
            description =
                    "The fraction of the denoising trajectory before it takes over, between 0 and 1 (default: 0.8).")
    private Optional<Double> start;

    /** What the second model is called. */
    public Optional<String> name() {
        return name;
    }

    /**
     * The pipeline over {@code parts} and the refiner, if there is one; closing it frees the refiner alone.
     *
     * @param embeddings words that the refiner reads too
     * @param adapters whose words it reads too
     * @param scheduler how its sampling method is set too
     * @throws IllegalArgumentException if an option lacks the one that it belongs to, or the refiner does not fit
     */
    public LoadedRefiner load(
            Components parts,
            ModelOptions model,
            Device device,
            EmbeddingOptions embeddings,
            LoadedLoras adapters,
            SchedulerOptions scheduler,
            CommandSpec spec)
            throws IOException {
        if (name.isEmpty() && start.isPresent()) {
            throw new IllegalArgumentException("--refiner-start is given without --refiner; expected both");
        }
        TextToImagePipeline base = new TextToImagePipeline(parts);
        if (name.isEmpty()) {
            return new LoadedRefiner(base, Optional.empty());
        }
        SourceOptions source = model.source();
        Components refiner = Components.load(
                SourceOptions.called(name.get()),
                source.find(spec, locator -> locator.orPlain().withTokenizer(name.get(), source.otherFile())),
                model.placement(device));
        try {
            Components second = embeddings.applied(refiner, adapters).withScheduler(scheduler.set(refiner.scheduler()));
            return new LoadedRefiner(base.withRefiner(second, start.orElse(START)), Optional.of(refiner));
        } catch (IOException | RuntimeException | Error e) {
            refiner.close();
            throw e;
        }
    }
}
