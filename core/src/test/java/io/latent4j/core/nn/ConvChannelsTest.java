package io.latent4j.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.core.random.TorchRandom;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions of every number of channels keep out what was in memory before: values that are not numbers. */
class ConvChannelsTest {
    private static final int KERNEL = 3;
    private static final int SIDE = 8;
    private static final int TIMES = 8;

    /** An output, and the gradients of input and weight. */
    private record Result(float[] y, float[] dx, float[] dw) {}

    @ParameterizedTest
    @CsvSource({"3,8", "4,1", "8,3", "8,8", "12,4", "12,16", "16,12", "20,32", "24,8", "24,16", "40,4", "64,4", "64,40"
    })
    void areFiniteAndRight(int in, int out) {
        TorchRandom random = new TorchRandom(1);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = random.normal(manager, new Shape(2, in, SIDE, SIDE));
            NDArray weight = random.normal(manager, new Shape(out, in, KERNEL, KERNEL));
            Result expected =
                    convolved(x.toType(DataType.FLOAT64, true), weight.toType(DataType.FLOAT64, true), manager);
            for (int i = 0; i < TIMES; i++) {
                spoilMemory(in, out, manager);
                Result found = convolved(x, weight, manager);
                check(found.y, expected.y, in);
                check(found.dx, expected.dx, out);
                check(found.dw, expected.dw, SIDE * SIDE);
            }
        }
    }

    private static Result convolved(NDArray x, NDArray weight, NDManager manager) {
        try (NDManager own = manager.newSubManager()) {
            NDArray input = x.duplicate();
            NDArray kernel = weight.duplicate();
            input.attach(own);
            kernel.attach(own);
            input.setRequiresGradient(true);
            kernel.setRequiresGradient(true);
            Conv2d conv =
                    Conv2d.same3x3(kernel.getShape().get(1), kernel.getShape().get(0));
            float[] y;
            try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
                NDArray output = conv.product(input, kernel);
                gradients.backward(output.square().mean());
                y = floats(output.stopGradient());
            }
            return new Result(y, floats(input.getGradient()), floats(kernel.getGradient()));
        }
    }

    private static float[] floats(NDArray array) {
        return array.toType(DataType.FLOAT32, true).toFloatArray();
    }

    private static void check(float[] found, float[] expected, int terms) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as("value %d", i).isCloseTo(expected[i], within(1e-5f * terms));
        }
    }

    /** Leaves values that are not numbers in freed memory of the sizes that a convolution asks for. */
    private static void spoilMemory(int in, int out, NDManager manager) {
        long wide = 2L * SIDE * SIDE;
        for (long size : List.of(64L, (long) in * out * KERNEL * KERNEL, wide * in, wide * out, wide * 16, wide * 64)) {
            for (int i = 0; i < 8; i++) {
                manager.full(new Shape(size), Float.NaN).close();
            }
        }
    }
}
