package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import io.latent4j.core.ops.Convolutions.Choice;
import io.latent4j.core.random.TorchRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConvolutionsTest {
    private static final double EPSILON = 1e-6;

    private NDManager manager;

    private final TorchRandom random = new TorchRandom(1); // the same numbers in each run

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Ways that must all make what libtorch's own convolution makes in float64. */
    enum Way {
        PLAIN(true, false, false),
        AS_ON_A_GPU(false, false, false),
        STRIPS(true, false, true),
        WINOGRAD(true, true, false);

        private final boolean cpu;
        private final boolean winograd;
        private final boolean strips;

        Way(boolean cpu, boolean winograd, boolean strips) {
            this.cpu = cpu;
            this.winograd = winograd;
            this.strips = strips;
        }

        private Choice choice() {
            return new Choice(cpu, winograd, strips);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 16, 16, 8, 8",
        "1, 1, 1, 1, 1",
        "2, 3, 17, 1, 7",
        "3, 5, 2, 4, 1",
        "1, 13, 6, 5, 3",
        "2, 11, 9, 6, 10",
        "1, 15, 14, 7, 13",
        "3, 4, 7, 2, 2",
        "1, 12, 10, 65, 9",
        "2, 8, 5, 130, 3",
        "1, 4, 4, 12, 600",
        "1, 64, 320, 9, 16"
    })
    void everyWayMakesTheSameNumbers(int samples, int in, int out, int height, int width) {
        NDArray x = normal(samples, in, height, width);
        NDArray weight = normal(out, in, 3, 3);
        NDArray bias = normal(out);
        NDArray expected = convolved(wide(x), weight, bias);
        NDArray repeated = convolved(wide(Ops.upsampleNearest(x, 2L * height, 2L * width)), weight, bias);
        for (Way way : Way.values()) {
            for (NDArray laid : new NDArray[] {x, channelsLast(x)}) {
                assertClose(way, Convolutions.convolve(way.choice(), laid, weight, bias, 1, 1), expected);
                assertClose(way, Convolutions.upsampleConvolve(way.choice(), laid, weight, bias), repeated);
            }
            NDArray zeros = manager.zeros(new Shape(out));
            assertClose(
                    way,
                    Convolutions.convolve(way.choice(), x, channelsLast(weight), null, 1, 1),
                    convolved(wide(x), weight, zeros));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 16, 4, 8, 8", "2, 8, 17, 70, 5", "3, 12, 3, 1, 3", "1, 48, 48, 33, 20", "2, 4, 5, 2, 700"})
    void everyWayNormalizes(int samples, int in, int out, int height, int width) {
        NDArray x = normal(samples, in, height, width).mul(2).add(3);
        NDArray gamma = normal(in);
        NDArray beta = normal(in);
        NDArray weight = normal(out, in, 3, 3);
        NDArray bias = normal(out);
        NDArray normal = Ops.groupNormSilu(wide(x), 4, wide(gamma), wide(beta), EPSILON);
        NDArray expected = convolved(normal, weight, bias);
        for (Way way : Way.values()) {
            for (NDArray laid : new NDArray[] {x, channelsLast(x)}) {
                assertClose(
                        way,
                        Convolutions.groupNormSiluConvolve(way.choice(), laid, 4, gamma, beta, EPSILON, weight, bias),
                        expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anyKernelAndStrideThatIsNotForWinograd(Way way) {
        NDArray x = normal(2, 6, 9, 11);
        for (int kernel : new int[] {1, 3, 5}) {
            NDArray weight = normal(4, 6, kernel, kernel);
            NDArray y = Convolutions.convolve(x, weight, null, 2, kernel / 2);
            NDArray plain = Conv2d.conv2d(
                            wide(x), wide(weight), null, new Shape(2, 2), new Shape(kernel / 2, kernel / 2))
                    .singletonOrThrow();
            assertClose(way, y, plain);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void gradientsAreThoseOfTheConvolution(Way way) {
        NDArray weight = normal(5, 8, 3, 3);
        NDArray bias = normal(5);
        NDArray gamma = normal(8);
        NDArray beta = normal(8);
        NDArray x = normal(2, 8, 70, 3);
        assertClose(
                way,
                Gradients.gradient(x.duplicate(), of -> Convolutions.convolve(way.choice(), of, weight, bias, 1, 1)),
                Gradients.gradient(wide(x), of -> convolved(of, weight, bias)));
        assertClose(
                way,
                Gradients.gradient(weight.duplicate(), of -> Convolutions.upsampleConvolve(way.choice(), x, of, bias)),
                Gradients.gradient(wide(weight), of -> convolved(wide(Ops.upsampleNearest(x, 140, 6)), of, bias)));
        assertClose(
                way,
                Gradients.gradient(
                        gamma.duplicate(),
                        of -> Convolutions.groupNormSiluConvolve(way.choice(), x, 4, of, beta, EPSILON, weight, bias)),
                Gradients.gradient(
                        wide(gamma),
                        of -> convolved(Ops.groupNormSilu(wide(x), 4, of, wide(beta), EPSILON), weight, bias)));
    }

    @Test
    void largeImagesAreForWinogradUnlessItIsForcedNotTo() {
        boolean chosen = CpuOperators.uses(CpuOperators.Kind.CONVOLUTION, "winograd");
        NDArray weight = normal(48, 48, 3, 3);
        assertThat(Choice.of(manager.zeros(new Shape(2, 48, 16, 16)), weight, 1))
                .isEqualTo(new Choice(true, chosen, false));
        assertThat(Choice.of(manager.zeros(new Shape(1, 48, 8, 16)), weight, 4))
                .isEqualTo(new Choice(true, chosen, false));
        Choice plain = new Choice(true, false, false);
        assertThat(Choice.of(manager.zeros(new Shape(1, 48, 16, 16)), weight, 1))
                .isEqualTo(plain);
        assertThat(Choice.of(manager.zeros(new Shape(2, 48, 16, 16)), weight, 0))
                .isEqualTo(plain);
        assertThat(Choice.of(manager.zeros(new Shape(2, 48, 16, 16)), normal(3, 48, 3, 3), 1))
                .isEqualTo(plain);
        assertThat(Choice.of(manager.zeros(new Shape(2, 48, 16, 16)), normal(48, 48, 1, 1), 1))
                .isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void narrowNumbersStayNarrow(boolean strips) {
        Choice choice = new Choice(true, true, strips);
        NDArray x = normal(2, 16, 70, 8).add(1);
        NDArray weight = normal(16, 16, 3, 3);
        NDArray one = manager.ones(new Shape(16));
        NDArray zero = manager.zeros(new Shape(16));
        NDArray y = Convolutions.groupNormSiluConvolve(
                choice, narrow(x), 4, narrow(one), narrow(zero), EPSILON, narrow(weight), narrow(zero));
        assertThat(Ops.castLike(x, y).getShape()).isEqualTo(x.getShape());
        NDArray expected = convolved(Ops.groupNormSilu(wide(x), 4, wide(one), wide(zero), EPSILON), weight, zero);
        assertThat(error(y, expected)).isBetween(1e-4, 0.02);
    }

    @Test
    void theSameEveryTime() {
        NDArray x = normal(2, 48, 40, 36);
        NDArray weight = normal(64, 48, 3, 3);
        NDArray bias = normal(64);
        float[] first = Convolutions.convolve(x, weight, bias, 1, 1).toFloatArray();
        for (int i = 0; i < 3; i++) {
            assertThat(Convolutions.convolve(x, weight, bias, 1, 1).toFloatArray())
                    .containsExactly(first);
        }
    }

    private NDArray convolved(NDArray x, NDArray weight, NDArray bias) {
        return Conv2d.conv2d(x, wide(weight), wide(bias), new Shape(1, 1), new Shape(1, 1))
                .singletonOrThrow();
    }

    private NDArray normal(long... shape) {
        return random.like(manager.zeros(new Shape(shape)));
    }

    private static NDArray wide(NDArray x) {
        return Ops.cast(x, DataType.FLOAT64);
    }

    private static NDArray narrow(NDArray x) {
        return Ops.cast(x, DataType.BFLOAT16);
    }

    private static NDArray channelsLast(NDArray x) {
        return TorchOp.of("x", "return torch.contiguous(x, memory_format=2)").call(x);
    }

    private static void assertClose(Way way, NDArray y, NDArray expected) {
        assertThat(y.getShape()).as(way.name()).isEqualTo(expected.getShape());
        assertThat(error(y, expected)).as(way.name()).isLessThan(5e-6);
    }

    /** The root mean square of the difference, as a part of that of what is expected. */
    private static double error(NDArray y, NDArray expected) {
        NDArray difference = wide(y).sub(wide(expected));
        double square = difference.square().mean().getDouble();
        return Math.sqrt(square / wide(expected).square().mean().getDouble());
    }
}
