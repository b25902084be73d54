package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import io.latent4j.core.nn.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Needs no GPU: a device is only a name here. */
class DevicesTest {

    @ParameterizedTest
    @CsvSource({
        "auto, auto, float32, float16",
        "AUTO, bf16, bfloat16, bfloat16",
        "float16, auto, float16/float32, float16",
        "bfloat16, auto, bfloat16/float32, bfloat16",
        "fp32, auto, float32, float32",
        "float16, float32, float16/float32, float16/float32",
        "float32, float16, float32/float16, float32/float16"
    })
    void whatIsLeftOpenFollowsTheOtherAndTheDevice(String weights, String compute, String onCpu, String onGpu) {
        assertThat(Devices.precision(weights, compute, Device.cpu())).isEqualTo(Precision.parse(onCpu));
        assertThat(Devices.precision(weights, compute, Device.gpu())).isEqualTo(Precision.parse(onGpu));
    }

    @Test
    void namesWhatIsNotKnown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Devices.precision("q4", "auto", Device.cpu()))
                .withMessage("data type of weights is \"q4\"; expected auto, float32, float16, bfloat16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Devices.precision("auto", "q4", Device.cpu()))
                .withMessage("data type is \"q4\"; expected auto, float32, float16 or bfloat16");
    }
}
