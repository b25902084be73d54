package io.latent4j.cli;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.Devices;
import io.latent4j.pipeline.UnconditionalPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which model runs where: options of every command that runs one. */
final class ModelOptions {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "DIR",
            description =
                    "Folder of a model in the layout of diffusers (default: the small model of coloured shapes that "
                            + "ships with latent4j).")
    private Optional<Path> model;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "cpu, cuda, cuda:1, or auto: a GPU if there is one (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description =
                    "Data type of weights: float32, float16, bfloat16, or auto: float16 on a GPU and float32 on a CPU"
                            + " (default: ${DEFAULT-VALUE}).")
    private String dataType;

    /**
     * Refuses what cannot be right whatever the device, before the engine is loaded.
     *
     * @throws IllegalArgumentException for a device or data type of an unknown name
     * @throws IOException if there is no such folder
     */
    void check() throws IOException {
        Devices.dataType(dataType, Device.cpu());
        if (model.isPresent() && !Files.isDirectory(model.get())) {
            throw new IOException(
                    model.get() + ": there is no such folder; expected a model in the layout of diffusers");
        }
    }

    /** What the model is called. */
    String name() {
        return model.map(folder -> folder.toAbsolutePath().normalize().getFileName())
                .map(Path::toString)
                .orElse("the embedded model");
    }

    /** @throws IllegalArgumentException if there is no such name */
    Device device() {
        return Devices.named(device);
    }

    /** Whether the model takes no text: see {@link UnconditionalPipeline}. */
    boolean takesNoText() throws IOException {
        return model.isPresent() && UnconditionalPipeline.runs(model.get());
    }

    /** Loads a model that takes no text. */
    UnconditionalPipeline loadUnconditional(Device device) throws IOException {
        return UnconditionalPipeline.load(model.orElseThrow(), device, Devices.dataType(dataType, device));
    }

    /** The data type of weights on {@code device}. */
    DataType dataType(Device device) {
        return Devices.dataType(dataType, device);
    }

    Components load(Device device) throws IOException {
        DataType type = dataType(device);
        return model.isPresent() ? Components.load(model.get(), device, type) : Components.embedded(device, type);
    }
}
