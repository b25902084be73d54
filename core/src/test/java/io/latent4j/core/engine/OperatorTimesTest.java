package io.latent4j.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.engine.OperatorTimes.Kind;
import io.latent4j.core.ops.Ops;
import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorTimesTest {
    @ParameterizedTest
    @CsvSource({
        "aten::conv2d, CONVOLUTION",
        "aten::mkldnn_convolution, CONVOLUTION",
        "mkldnn::_convolution_pointwise, CONVOLUTION",
        "aten::linear, LINEAR",
        "mkldnn::_linear_pointwise, LINEAR",
        "aten::_scaled_dot_product_flash_attention_for_cpu, ATTENTION",
        "aten::bmm, ATTENTION",
        "aten::native_group_norm, NORMS",
        "aten::layer_norm, NORMS",
        "aten::contiguous, COPIES",
        "aten::_to_copy, COPIES",
        "aten::cat, COPIES",
        "aten::silu_, ELEMENTWISE",
        "aten::add, ELEMENTWISE",
        "aten::tanh, ELEMENTWISE"
    })
    void operatorsHaveKinds(String name, Kind kind) {
        assertThat(Kind.of(name)).isEqualTo(kind);
    }

    @Test
    void whatAnOperatorCallsIsOfItsKindButCopies() {
        String trace = "["
                + event("aten::conv2d", 0, 100, 1)
                + "," + event("aten::empty", 0, 1, 1)
                + "," + event("aten::add_", 10, 20, 1) // the bias
                + "," + event("aten::copy_", 50, 30, 1)
                + "," + event("aten::silu", 100, 7, 1)
                + "," + event("forward", 0, 500, 1)
                + "," + event("aten::mm", 50, 11, 2) // on another thread
                + "]";

        Map<Kind, Double> seconds = OperatorTimes.byKind(new StringReader(trace));

        assertThat(seconds.get(Kind.CONVOLUTION)).isCloseTo(69e-6, within(1e-12));
        assertThat(seconds.get(Kind.COPIES)).isCloseTo(31e-6, within(1e-12));
        assertThat(seconds.get(Kind.ELEMENTWISE)).isCloseTo(7e-6, within(1e-12));
        assertThat(seconds.get(Kind.LINEAR)).isCloseTo(11e-6, within(1e-12));
        assertThat(seconds.get(Kind.NORMS)).isZero();
    }

    @Test
    void realWorkIsProfiledAndTheProfilerEndsWithIt() throws IOException {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray x = manager.ones(new Shape(1, 32, 64, 64));
            NDArray one = manager.ones(new Shape(32));
            assertThatIllegalStateException()
                    .isThrownBy(() -> OperatorTimes.of(() -> {
                        throw new IllegalStateException("failed");
                    }));

            OperatorTimes times = OperatorTimes.of(
                    () -> Ops.groupNormSilu(x, 8, one, one, 1e-5).close());

            assertThat(times.byKind().get(Kind.NORMS)).isPositive();
            assertThat(times.byKind().get(Kind.ELEMENTWISE)).isPositive();
            assertThat(times.byKind().get(Kind.CONVOLUTION)).isZero();
            assertThat(times.rest()).isBetween(0.0, times.seconds());
        }
    }

    private static String event(String name, int start, int duration, int thread) {
        return "{\"name\": \"" + name + "\", \"ts\": " + start + ", \"dur\": " + duration + ", \"tid\": " + thread
                + "}";
    }
}
