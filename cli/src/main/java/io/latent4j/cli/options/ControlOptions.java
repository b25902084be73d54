package io.latent4j.cli.options;

import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.service.job.ControlFile;
import io.latent4j.service.registry.ModelRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Images that steer, each with the network that reads it. */
public final class ControlOptions {
    @ArgGroup(exclusive = false, multiplicity = "0..*")
    private List<Wanted> controls = new ArrayList<>();

    /** One network and its image. */
    static final class Wanted {
        @Option(
                names = "--controlnet",
                required = true,
                paramLabel = "NET",
                description = "Steer by --control-image through this control network: a folder in the layout of"
                        + " diffusers, a single .pth or .safetensors file, or one on the hub. May be given several"
                        + " times, each with options of its own after it.")
        private String name;

        @Option(
                names = "--control-image",
                required = true,
                paramLabel = "FILE",
                description = "An image of the kind that the network was trained with, edges or depths for instance.")
        private Path image;

        @Option(names = "--control-scale", paramLabel = "X", description = "How strongly it steers (default: 1).")
        private double scale = 1;

        @Option(
                names = "--control-start",
                paramLabel = "X",
                description = "The part of the steps before it sets in, 0 to 1 (default: 0).")
        private double start;

        @Option(
                names = "--control-end",
                paramLabel = "X",
                description = "The part of the steps after which it stops (default: 1).")
        private double end = 1;

        @Option(names = "--control-guess", description = "Let the network find the subject; for an empty prompt.")
        private boolean guess;

        private ControlFile file() {
            return new ControlFile(name, image, scale, new DenoisingRange(start, end), guess);
        }
    }

    /** The images and the names of their networks. */
    public List<ControlFile> files() {
        return controls.stream().map(Wanted::file).toList();
    }

    /** Tells {@code registry} how the networks are found. */
    public void register(ModelRegistry registry, SourceOptions source, CommandSpec spec) {
        for (Wanted each : controls) {
            registry.addControlNet(
                    each.name,
                    model -> model.controlNet(
                            SourceOptions.called(each.name),
                            source.find(spec, locator -> locator.controlNet(each.name))));
        }
    }
}
