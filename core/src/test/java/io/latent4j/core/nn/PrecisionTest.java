package io.latent4j.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT32", "FLOAT16", "BFLOAT16"})
    void ofOneTypeIsThatForBoth(DataType type) {
        Precision precision = Precision.of(type);

        assertThat(precision.weights().dataType())
                .isEqualTo(precision.compute())
                .isEqualTo(type);
        assertThat(precision.isUniform()).isTrue();
        assertThat(precision).hasToString(type.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "float32, FLOAT32, FLOAT32",
        "fp16, FLOAT16, FLOAT16",
        "BF16, BFLOAT16, BFLOAT16",
        "float16/float32, FLOAT16, FLOAT32",
        "bf16/fp32, BFLOAT16, FLOAT32",
        "float32/bfloat16, FLOAT32, BFLOAT16"
    })
    void readsNamesAndItsOwnText(String text, WeightType weights, DataType compute) {
        Precision precision = Precision.parse(text);

        assertThat(precision).isEqualTo(new Precision(weights, compute));
        assertThat(Precision.parse(precision.toString())).isEqualTo(precision);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "float", "int8", "float16/", "/float32", "float16/float32/float32"})
    void refusesOtherNames(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Precision.parse(text))
                .withMessage("precision is \"" + text + "\"; expected one of float32, float16, bfloat16, or two as"
                        + " weights/compute, such as float16/float32");
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16, BFLOAT16", "BFLOAT16, FLOAT16"})
    void refusesTwoNarrowTypes(WeightType weights, DataType compute) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Precision(weights, compute))
                .withMessage("weights are " + weights + " and computed with in " + compute
                        + ", which loses digits or range and saves no memory; expected the same type for both, or"
                        + " float32 for one of them");
    }

    @Test
    void refusesToComputeInWholeNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Precision.of(DataType.INT8))
                .withMessage("data type to compute in is int8; expected float32, float16 or bfloat16");
    }
}
