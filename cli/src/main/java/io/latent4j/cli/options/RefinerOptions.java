package io.latent4j.cli.options;

import ai.djl.Device;
import io.latent4j.pipeline.model.Families;
import io.latent4j.service.job.RefinerUse;
import io.latent4j.service.registry.ModelRegistry;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** A second model that makes the last steps. */
public final class RefinerOptions {
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
     * The second model and where it takes over, if there is one.
     *
     * @throws IllegalArgumentException if an option lacks the one that it belongs to, or a value is out of range
     */
    public Optional<RefinerUse> use() {
        if (name.isEmpty() && start.isPresent()) {
            throw new IllegalArgumentException("--refiner-start is given without --refiner; expected both");
        }
        return name.map(model -> start.map(from -> new RefinerUse(model, from)).orElseGet(() -> new RefinerUse(model)));
    }

    /** Tells {@code registry} how the second model is opened. */
    public void register(ModelRegistry registry, ModelOptions model, Device device, CommandSpec spec) {
        SourceOptions source = model.source();
        name.filter(second -> !second.equals(model.key()))
                .ifPresent(second -> registry.addModel(
                        second,
                        () -> Families.installed()
                                .open(
                                        SourceOptions.called(second),
                                        source.find(
                                                spec,
                                                locator -> locator.orPlain().withTokenizer(second, source.otherFile())),
                                        model.placement(device))));
    }
}
