package io.latent4j.pipeline.model;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Counted;
import io.latent4j.core.engine.PyTorch;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.nn.WeightType;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Devices and data types by the names a user gives them. */
public final class Devices {
    private static final String AUTO = "auto";
    private static final Pattern NAME = Pattern.compile("(auto|cpu|cuda|gpu)(?::(\\d{1,3}))?");

    private Devices() {}

    /**
     * The device called {@code name}: {@code auto} is the first GPU or else the CPU, {@code cuda} the first GPU,
     * {@code cuda:1} the second, {@code cpu} the CPU.
     *
     * @throws IllegalArgumentException if there is no such name
     * @throws IllegalStateException if the engine is missing or there is no such device; the CPU never stands in for a GPU that was asked for
     */
    public static Device named(String name) {
        Matcher matcher = NAME.matcher(name.toLowerCase(Locale.ROOT));
        if (!matcher.matches() || (matcher.group(2) != null && !matcher.group(1).matches("cuda|gpu"))) {
            throw new IllegalArgumentException("device is \"" + name + "\"; expected auto, cpu, cuda or cuda:N");
        }
        if (matcher.group(1).equals("cpu")) {
            return Device.cpu();
        }
        int gpus = PyTorch.engine().getGpuCount();
        if (matcher.group(1).equals(AUTO)) {
            return gpus > 0 ? Device.gpu(0) : Device.cpu();
        }
        int index = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        if (index >= gpus) {
            throw new IllegalStateException("device is \"" + name + "\", but the engine sees "
                    + (gpus == 0 ? "no GPU" : Counted.of(gpus, "GPU"))
                    + "; `latent4j doctor` says which native library was loaded, docs/gpu.md how to get one for CUDA");
        }
        return Device.gpu(index);
    }

    /**
     * The data type called {@code name}, {@code float32}, {@code float16} or {@code bfloat16}; {@code auto} is float16 on
     * a GPU and float32 on the CPU.
     *
     * @throws IllegalArgumentException if there is no such name
     */
    public static DataType dataType(String name, Device device) {
        if (isAuto(name)) {
            return device.isGpu() ? DataType.FLOAT16 : DataType.FLOAT32;
        }
        return WeightType.named(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "data type is \"" + name + "\"; expected auto, float32, float16 or bfloat16"))
                .dataType();
    }

    /**
     * What weights are stored in, and what is computed in: each {@code float32}, {@code float16}, {@code bfloat16}, or
     * {@code auto}. That is for weights the type that is computed in; and for what is computed in float32 on the CPU, and on
     * a GPU the weights' type or else float16.
     *
     * @throws IllegalArgumentException if there is no such name, or the two do not go together
     */
    public static Precision precision(String weights, String compute, Device device) {
        if (isAuto(weights)) {
            return Precision.of(dataType(compute, device));
        }
        WeightType stored = WeightType.named(weights)
                .orElseThrow(() -> new IllegalArgumentException("data type of weights is \"" + weights
                        + "\"; expected auto, " + String.join(", ", WeightType.names())));
        boolean same = isAuto(compute) && device.isGpu();
        return new Precision(stored, same ? stored.dataType() : dataType(compute, device));
    }

    private static boolean isAuto(String name) {
        return name.toLowerCase(Locale.ROOT).equals(AUTO);
    }

    /**
     * Checks the names that {@link #precision} takes, as on the CPU.
     *
     * @return {@code compute}
     * @throws IllegalArgumentException if there is no such name
     */
    public static String requirePrecision(String weights, String compute) {
        precision(weights, compute, Device.cpu());
        return compute;
    }
}
