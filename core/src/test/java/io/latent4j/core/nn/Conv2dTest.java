package io.latent4j.core.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Conv2dTest {

    /** Channels that fill the kernels' blocks of 16, and such that do not; all numbers are one, so each sum is a count. */
    @ParameterizedTest
    @CsvSource({
        "16, 16, 1",
        "24, 24, 1",
        "40, 16, 1",
        "16, 24, 1",
        "20, 17, 2",
        "24, 3, 1",
        "320, 4, 1",
        "4, 32, 1",
        "3, 24, 2",
        "48, 40, 2"
    })
    void countsNothingButTheChannelsThereAre(int in, int out, int stride) {
        Conv2d conv = new Conv2d(in, out, 3, stride, 1);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            conv.initialize(manager, DataType.FLOAT32, new Shape(2, in, 8, 8));
            for (var parameter : conv.getParameters().values()) {
                parameter.getArray().set(new float[(int) parameter.getArray().size()]);
                parameter.getArray().addi(1);
                parameter.getArray().setRequiresGradient(true);
            }
            NDArray x = manager.ones(new Shape(2, in, 8, 8));
            x.setRequiresGradient(true);
            for (int round = 0; round < 20; round++) {
                leaveNaNsInMemory(manager);
                try (NDManager inner = manager.newSubManager();
                        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                    x.attach(inner);
                    NDArray y = conv.forward(Pass.inference(), x);
                    assertThat(y.getShape()).isEqualTo(new Shape(2, out, 8 / stride, 8 / stride));
                    assertThat(y.get(":, :, 1, 1").toFloatArray()).containsOnly(9 * in + 1);
                    leaveNaNsInMemory(manager);
                    collector.backward(y.sum());
                    x.attach(manager);
                }
                float uses = stride == 1 ? 9 : 1; // windows that see the pixel at 2, 2
                assertThat(x.getGradient().get(":, :, 2, 2").toFloatArray())
                        .containsOnly(uses * out * (round + 1)); // it adds up
                float seen = 2 * (8 / stride) * (8 / stride); // places in the batch where the middle of the kernel was
                assertThat(conv.weight()
                                .stored()
                                .get(0)
                                .getGradient()
                                .get(":, :, 1, 1")
                                .toFloatArray())
                        .containsOnly(seen * (round + 1));
            }
        }
    }

    /** Frees memory of the sizes that a kernel asks for, filled with what is no number. */
    private static void leaveNaNsInMemory(NDManager manager) {
        for (int size = 1 << 6; size <= 1 << 16; size += size / 2) {
            for (int i = 0; i < 4; i++) {
                manager.full(new Shape(size / Float.BYTES), Float.NaN).close();
            }
        }
    }
}
