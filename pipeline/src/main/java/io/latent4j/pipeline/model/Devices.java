package io.latent4j.pipeline.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.DataType;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Devices and data types by the names a user gives them. */
public final class Devices {
    private static final String ENGINE = "PyTorch";
    private static final Pattern NAME = Pattern.compile("(auto|cpu|cuda|gpu)(?::(\\d{1,3}))?");

    private Devices() {}

    /**
     * The device called {@code name}: {@code auto} is the first GPU or else the CPU, {@code cuda} the first GPU,
     * {@code cuda:1} the second, {@code cpu} the CPU.
     *
     * @throws IllegalArgumentException if there is no such name
     * @throws IllegalStateException if there is no such device; the CPU never stands in for a GPU that was asked for
     */
    public static Device named(String name) {
        Matcher matcher = NAME.matcher(name.toLowerCase(Locale.ROOT));
        if (!matcher.matches() || (matcher.group(2) != null && !matcher.group(1).matches("cuda|gpu"))) {
            throw new IllegalArgumentException("device is \"" + name + "\"; expected auto, cpu, cuda or cuda:N");
        }
        if (matcher.group(1).equals("cpu")) {
            return Device.cpu();
        }
        int gpus = Engine.getEngine(ENGINE).getGpuCount();
        if (matcher.group(1).equals("auto")) {
            return gpus > 0 ? Device.gpu(0) : Device.cpu();
        }
        int index = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        if (index >= gpus) {
            throw new IllegalStateException("device is \"" + name + "\", but the engine sees "
                    + (gpus == 0 ? "no GPU" : gpus + (gpus == 1 ? " GPU" : " GPUs"))
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
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "auto" -> device.isGpu() ? DataType.FLOAT16 : DataType.FLOAT32;
            case "float32", "fp32" -> DataType.FLOAT32;
            case "float16", "fp16" -> DataType.FLOAT16;
            case "bfloat16", "bf16" -> DataType.BFLOAT16;
            default ->
                throw new IllegalArgumentException(
                        "data type is \"" + name + "\"; expected auto, float32, float16 or bfloat16");
        };
    }

    /**
     * Returns {@code name} if {@link #dataType} takes it, on whatever device.
     *
     * @throws IllegalArgumentException if there is no such name
     */
    public static String requireDataType(String name) {
        dataType(name, Device.cpu());
        return name;
    }
}
