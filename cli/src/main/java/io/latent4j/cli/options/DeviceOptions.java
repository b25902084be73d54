package io.latent4j.cli.options;

import ai.djl.Device;
import io.latent4j.core.nn.Precision;
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
                    "Data type to compute in: float32, float16, bfloat16, or auto: float32 on a CPU, and on a GPU the one of"
                            + " --weights or else float16 (default: ${DEFAULT-VALUE}).")
    private String dataType;

    @Option(
            names = "--weights",
            paramLabel = "TYPE",
            defaultValue = AUTO,
            description =
                    "Data type that weights have in memory: float32, float16, bfloat16, or auto: the one of --dtype."
                            + " Weights of another type are converted one layer at a time, so float16 with --dtype float32 takes"
                            + " half the memory and computes in float32 (default: ${DEFAULT-VALUE}).")
    private String weights;

    /**
     * The device that the option names.
     *
     * @throws IllegalArgumentException if there is no such device
     */
    public Device device() {
        return Devices.named(device);
    }

    /**
     * The data types that the options name, or those for device {@code on}.
     *
     * @throws IllegalArgumentException if there is no such type, or the two do not go together
     */
    public Precision precision(Device on) {
        return Devices.precision(weights, dataType, on);
    }

    /** Whether the data types are left open. */
    boolean isAnyType() {
        return dataType.toLowerCase(Locale.ROOT).equals(AUTO)
                && weights.toLowerCase(Locale.ROOT).equals(AUTO);
    }
}
