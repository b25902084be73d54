package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinearOpsTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void bothWaysMultiplyByTheTransposedWeight() {
        NDArray w = normal(5, 7);
        NDArray b = normal(5);
        for (NDArray x :
                new NDArray[] {normal(1, 7), normal(33, 7), normal(7, 33).transpose()}) {
            NDArray product = x.matMul(w.transpose());
            assertClose(LinearOps.onednn(x, w, b), product.add(b));
            assertClose(LinearOps.onednn(x, w, null), product);
            assertClose(LinearOps.linear(x, w, b), product.add(b));
            assertClose(LinearOps.linear(x, w, null), product);
        }
    }

    @Test
    void oneDnnsHasGradients() {
        NDArray x = normal(3, 7);
        NDArray w = normal(5, 7);
        NDArray b = normal(5);
        assertClose(
                Gradients.gradient(x.duplicate(), v -> LinearOps.onednn(v, w, b)),
                Gradients.gradient(x.duplicate(), v -> v.matMul(w.transpose()).add(b)));
        assertClose(
                Gradients.gradient(w.duplicate(), v -> LinearOps.onednn(x, v, null)),
                Gradients.gradient(w.duplicate(), v -> x.matMul(v.transpose())));
        assertClose(
                Gradients.gradient(b.duplicate(), v -> LinearOps.onednn(x, w, v)),
                Gradients.gradient(b.duplicate(), v -> x.matMul(w.transpose()).add(v)));
    }

    @Test
    void otherTypesAreLibtorchs() {
        NDArray x = Ops.cast(normal(3, 64), DataType.BFLOAT16);
        NDArray y = Ops.cast(LinearOps.onednn(x, x, null), DataType.FLOAT32);
        NDArray wide = Ops.cast(x, DataType.FLOAT32);
        assertThat(y.sub(wide.matMul(wide.transpose())).abs().max().getFloat()).isLessThan(0.5f);
    }

    private NDArray normal(long... shape) {
        return manager.randomNormal(new Shape(shape));
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.sub(expected).abs().max().getFloat()).isCloseTo(0, within(1e-5f));
    }
}
