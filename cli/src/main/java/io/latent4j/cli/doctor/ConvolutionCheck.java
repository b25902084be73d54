package io.latent4j.cli.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * 3x3 convolutions on a device, compared with sums in plain Java. Their numbers are small whole ones, so that the results
 * are whole numbers that every data type holds. Before each, memory is freed that holds no numbers, as some kernels read
 * what they have not written.
 */
final class ConvolutionCheck {
    /** Channels that fill the blocks of 16 in which kernels take them, and channels that do not. */
    private static final List<Channels> CHANNELS =
            List.of(new Channels(32, 48), new Channels(20, 3), new Channels(3, 17));

    private static final int IMAGES = 2;
    private static final int HEIGHT = 11;
    private static final int WIDTH = 13;
    private static final int KERNEL = 3;
    private static final int TIMES = 3;
    private static final double MOST_ROUNDING = 0.5;

    private record Channels(int in, int out) {}

    /** A convolution of x, (N, in, H, W), by a weight, (out, in, 3, 3), and a bias, (out), that keeps height and width. */
    interface Convolution {
        NDArray of(NDArray x, NDArray weight, NDArray bias);
    }

    private ConvolutionCheck() {}

    /** @throws IllegalStateException if a number is wrong, with its place */
    static void on(Device device, DataType type) {
        on(device, type, ConvolutionCheck::convolved);
    }

    static void on(Device device, DataType type, Convolution convolution) {
        CHANNELS.forEach(channels -> on(device, type, convolution, channels));
    }

    /** By the layer that the networks use. */
    private static NDArray convolved(NDArray x, NDArray weight, NDArray bias) {
        Conv2d conv = Conv2d.same3x3(weight.getShape().get(1), weight.getShape().get(0));
        Map<String, NDArray> parameters = Map.of("weight", weight, "bias", bias);
        conv.load("doctor", conv.shapes(), parameters::get);
        return conv.forward(Pass.inference(), x);
    }

    private static void on(Device device, DataType type, Convolution convolution, Channels channels) {
        int[] x = numbers(IMAGES * channels.in * HEIGHT * WIDTH, 1);
        int[] weight = numbers(channels.out * channels.in * KERNEL * KERNEL, 2);
        int[] bias = numbers(channels.out, 3);
        int[] expected = plain(x, weight, bias, channels);
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
            NDArray input = array(manager, type, x, new Shape(IMAGES, channels.in, HEIGHT, WIDTH));
            NDArray kernel = array(manager, type, weight, new Shape(channels.out, channels.in, KERNEL, KERNEL));
            NDArray added = array(manager, type, bias, new Shape(channels.out));
            for (int i = 0; i < TIMES; i++) {
                freeMemoryWithoutNumbers(manager);
                float[] found = Ops.cast(convolution.of(input, kernel, added), DataType.FLOAT32)
                        .toFloatArray();
                compare(device, type, channels, expected, found);
            }
        }
    }

    private static void compare(Device device, DataType type, Channels channels, int[] expected, float[] found) {
        String what = String.format(
                Locale.ROOT,
                "a 3x3 convolution of %d to %d channels in %s on %s is wrong: ",
                channels.in,
                channels.out,
                type,
                DeviceCheck.name(device));
        if (found.length != expected.length) {
            throw wrong(what + "it has " + found.length + " numbers; expected " + expected.length);
        }
        for (int i = 0; i < found.length; i++) {
            if (!(Math.abs(found[i] - expected[i]) < MOST_ROUNDING)) {
                throw wrong(what + "number " + i + " is " + found[i] + "; expected " + expected[i]);
            }
        }
    }

    private static IllegalStateException wrong(String what) {
        return new IllegalStateException(what + "; the engine does not fit the device, try another version or device");
    }

    private static NDArray array(NDManager manager, DataType type, int[] numbers, Shape shape) {
        return Ops.cast(manager.create(numbers, shape), type);
    }

    /** Frees arrays of the sizes that a kernel asks for. */
    private static void freeMemoryWithoutNumbers(NDManager manager) {
        for (int size = 1 << 4; size <= 1 << 16; size *= 2) {
            manager.full(new Shape(size), Float.NaN).close();
        }
    }

    /** -1, 0 and 1 in no order. */
    private static int[] numbers(int count, int seed) {
        int[] numbers = new int[count];
        int state = seed;
        for (int i = 0; i < count; i++) {
            state = state * 1_664_525 + 1_013_904_223;
            numbers[i] = Math.floorMod(state >>> 16, 3) - 1;
        }
        return numbers;
    }

    private static int[] plain(int[] x, int[] weight, int[] bias, Channels channels) {
        int[] y = new int[IMAGES * channels.out * HEIGHT * WIDTH];
        for (int n = 0; n < IMAGES; n++) {
            for (int o = 0; o < channels.out; o++) {
                for (int row = 0; row < HEIGHT; row++) {
                    for (int column = 0; column < WIDTH; column++) {
                        int sum = bias[o];
                        for (int i = 0; i < channels.in; i++) {
                            sum += window(x, n * channels.in + i, row, column, weight, o * channels.in + i);
                        }
                        y[((n * channels.out + o) * HEIGHT + row) * WIDTH + column] = sum;
                    }
                }
            }
        }
        return y;
    }

    /** The part of a sum that one channel's 3x3 pixels give; there are zeros around it. */
    private static int window(int[] x, int plane, int row, int column, int[] weight, int kernel) {
        int sum = 0;
        for (int i = 0; i < KERNEL; i++) {
            for (int j = 0; j < KERNEL; j++) {
                int r = row + i - 1;
                int c = column + j - 1;
                if (r >= 0 && r < HEIGHT && c >= 0 && c < WIDTH) {
                    sum += x[(plane * HEIGHT + r) * WIDTH + c] * weight[(kernel * KERNEL + i) * KERNEL + j];
                }
            }
        }
        return sum;
    }
}
