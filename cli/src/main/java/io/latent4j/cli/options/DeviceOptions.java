package io.latent4j.cli.options;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Devices;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Where a model runs, and in which numbers. */
public final class DeviceOptions {
    private static final String AUTO = "auto";

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = AUTO,
            description = "cpu, cuda, cuda:1, or auto: a GPU if there is one (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = AUTO,
            description =
                    "Data type of weights: float32, float16, bfloat16, or auto: float16 on a GPU and float32 on a CPU"
                            + " (default: ${DEFAULT-VALUE}).")
    private String dataType;

    /**
     * The device that the option names.
     *
     * @throws IllegalArgumentException if there is no such device
     */
    public Device device() {
        return Devices.named(device);
    }

    /**
     * The data type that the option names, or the one for device {@code on}.
     *
     * @throws IllegalArgumentException if there is no such type
     */
    public DataType dataType(Device on) {
        return Devices.dataType(dataType, on);
    }

    /** Whether the data type is left open. */
    boolean isAnyType() {
        return dataType.toLowerCase(Locale.ROOT).equals(AUTO);
    }
}
