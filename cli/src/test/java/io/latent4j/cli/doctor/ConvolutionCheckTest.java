package io.latent4j.cli.doctor;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConvolutionCheckTest {
    private static final Shape ONE = new Shape(1, 1);

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void theLayerOfTheNetworksIsRight(DataType type) {
        assertThatCode(() -> ConvolutionCheck.on(Device.cpu(), type)).doesNotThrowAnyException();
    }

    @Test
    void aNumberThatIsWrongIsShownWithItsPlace() {
        assertBroken((x, weight, bias) -> right(x, weight, bias).add(1))
                .withMessageContaining(
                        "a 3x3 convolution of 32 to 48 channels in float32 on cpu is wrong: number 0 is ")
                .withMessageEndingWith("; the engine does not fit the device, try another version or device");
    }

    @Test
    void whatIsNoNumberIsWrong() {
        assertBroken((x, weight, bias) -> right(x, weight, bias).mul(Float.NaN))
                .withMessageContaining("number 0 is NaN; expected");
    }

    /** As where a kernel takes channels 16 at a time, and forgets those that are left. */
    @Test
    void channelsThatAreForgottenAreFound() {
        assertBroken((x, weight, bias) -> {
                    long whole = x.getShape().get(1) / 16 * 16;
                    return whole == 0
                            ? right(x, weight, bias)
                            : right(x.get(":, :" + whole), weight.get(":, :" + whole), bias);
                })
                .withMessageContaining("a 3x3 convolution of 20 to 3 channels");
    }

    @Test
    void anotherSizeIsWrong() {
        assertBroken((x, weight, bias) -> right(x, weight, bias).get(":1"))
                .withMessageContaining("it has 6864 numbers; expected 13728");
    }

    private static ThrowableAssertAlternative<IllegalStateException> assertBroken(
            ConvolutionCheck.Convolution convolution) {
        return assertThatIllegalStateException()
                .isThrownBy(() -> ConvolutionCheck.on(Device.cpu(), DataType.FLOAT32, convolution));
    }

    private static NDArray right(NDArray x, NDArray weight, NDArray bias) {
        return Conv2d.conv2d(x, weight, bias, ONE, ONE).singletonOrThrow();
    }
}
