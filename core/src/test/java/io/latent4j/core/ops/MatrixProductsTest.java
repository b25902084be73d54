package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixProductsTest {
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void librariesAgree(DataType type) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray x = Ops.cast(manager.create(new float[] {1, 2, 3, -4, 5, 6}, new Shape(2, 3)), type);
            NDArray weight = Ops.cast(manager.create(new float[] {1, 0, 2, 0, -1, 3}, new Shape(2, 3)), type);
            float[] expected = {7, 7, 8, 13};

            assertThat(numbers(MatrixProducts.byDefault(x, weight))).isEqualTo(expected);
            if (MatrixProducts.hasOneDnn(manager, type)) {
                assertThat(numbers(MatrixProducts.byOneDnn(x, weight))).isEqualTo(expected);
            }
        }
    }

    @Test
    void oneDnnIsNotAskedForIntegers() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            assertThat(MatrixProducts.hasOneDnn(manager, DataType.INT32)).isFalse();
        }
    }

    private static float[] numbers(NDArray x) {
        return Ops.cast(x, DataType.FLOAT32).toFloatArray();
    }
}
