package io.latent4j.cli.options;

import ai.djl.Device;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RefinerUse;
import io.latent4j.service.registry.LocatedModel;
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

    /**
     * The second model and where it takes over, if there is one.
     *
     * @param before what options change
     * @throws IllegalArgumentException if an option lacks the one that it belongs to, or a value is out of range
     */
    public Optional<RefinerUse> use(Optional<RefinerUse> before) {
        Optional<String> second = name.or(() -> before.map(RefinerUse::model));
        if (second.isEmpty() && start.isPresent()) {
            throw new IllegalArgumentException("--refiner-start is given without --refiner; expected both");
        }
        Optional<Double> from = start.or(() -> before.map(RefinerUse::from));
        return second.map(model -> from.map(at -> new RefinerUse(model, at)).orElseGet(() -> new RefinerUse(model)));
    }

    /** Tells {@code registry} how the second model of a job is opened. */
    public void register(JobSpec job, ModelRegistry registry, ModelOptions model, Device device, CommandSpec spec) {
        SourceOptions source = model.source();
        job.refiner()
                .map(RefinerUse::model)
                .filter(second -> !second.equals(model.key()))
                .ifPresent(second -> registry.addModel(
                        second,
                        new LocatedModel(
                                SourceOptions.called(second),
                                () -> source.find(
                                        spec, locator -> locator.orPlain().withTokenizer(second, source.otherFile())),
                                model.placement(device))));
    }
}
