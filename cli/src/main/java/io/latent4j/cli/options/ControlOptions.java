package io.latent4j.cli.options;

import io.latent4j.core.image.ImageDecoder;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.DenoisingRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

        private ControlInput of(String called) throws IOException {
            return new ControlInput(called, ImageDecoder.decode(image), scale, new DenoisingRange(start, end), guess);
        }
    }

    /** Whether there are any. */
    boolean isEmpty() {
        return controls.isEmpty();
    }

    /** Loads the networks for a model; the caller closes them before it. */
    public LoadedControls load(Components parts, SourceOptions source, CommandSpec spec) throws IOException {
        Map<String, ControlNet> nets = new LinkedHashMap<>();
        List<ControlInput> loaded = new ArrayList<>();
        try {
            for (Wanted each : controls) {
                String called = SourceOptions.called(each.name);
                ControlNet net = parts.controlNet(called, source.find(spec, locator -> locator.controlNet(each.name)));
                for (int i = 2; nets.containsKey(called); i++) {
                    called = SourceOptions.called(each.name) + "-" + i;
                }
                nets.put(called, net);
                loaded.add(each.of(called));
            }
            return new LoadedControls(nets, loaded);
        } catch (IOException | RuntimeException | Error e) {
            nets.values().forEach(ControlNet::close);
            throw e;
        }
    }
}
