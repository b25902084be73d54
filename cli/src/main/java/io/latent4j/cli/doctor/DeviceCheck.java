package io.latent4j.cli.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Devices;
import java.util.Locale;

/**
 * A product of matrices and convolutions that were computed and compared with what they must be.
 *
 * @param device where
 * @param dataType in which data type
 * @param gigaflops floating-point operations a nanosecond
 */
public record DeviceCheck(Device device, DataType dataType, double gigaflops) {
    private static final int SIDE = 1024;
    private static final int TIMES = 5;

    /** @throws IllegalStateException if the product or a convolution is wrong */
    static DeviceCheck of(Device device) {
        DataType type = Devices.dataType("auto", device);
        ConvolutionCheck.on(device, type);
        if (!device.isGpu()) {
            ConvolutionCheck.on(device, DataType.BFLOAT16); // as --low-memory computes
        }
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
            NDArray numbers = Ops.cast(manager.arange(SIDE * SIDE).reshape(SIDE, SIDE), DataType.FLOAT32);
            NDArray a = Ops.cast(numbers.mod(7), type);
            NDArray twice = Ops.cast(manager.eye(SIDE).mul(2), type);
            double seconds = Double.POSITIVE_INFINITY;
            for (int i = 0; i < TIMES; i++) {
                long start = System.nanoTime();
                NDArray product = a.matMul(twice);
                float last = Ops.cast(product, DataType.FLOAT32).max().getFloat(); // waits for the device
                seconds = Math.min(seconds, (System.nanoTime() - start) * 1e-9);
                if (last != 12 || !product.contentEquals(a.mul(2))) {
                    throw new IllegalStateException("a product of matrices on " + name(device)
                            + " is wrong; the engine does not fit the device");
                }
            }
            return new DeviceCheck(device, type, 2.0 * SIDE * SIDE * SIDE / seconds * 1e-9);
        }
    }

    public static String name(Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("works", true);
        json.addProperty("device", name(device));
        json.addProperty("data_type", dataType.toString());
        json.addProperty(
                "speed",
                String.format(Locale.ROOT, "%.0f GFLOP/s in products of %dx%d matrices", gigaflops, SIDE, SIDE));
        return json;
    }
}
