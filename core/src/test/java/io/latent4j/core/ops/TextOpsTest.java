package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TextOpsTest {
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
    void relativeAttentionAddsTheBiasOfTheDistanceAndDividesNothing() {
        NDArray q = normal(2, 7, 12);
        NDArray k = normal(2, 5, 12);
        NDArray v = normal(2, 5, 12);
        NDArray bias = normal(3, 13);

        NDArray expected = plainRelativeAttention(q, k, v, 3, bias);
        assertClose(TextOps.relativeAttention(q, k, v, 3, bias), expected);
        for (long most : new long[] {1, 2 * 3 * 5 * 2, 2 * 3 * 5 * 4}) { // queries: 1, 2, 4
            NDArray strided = normal(2, 12, 7).transpose(0, 2, 1); // has no fused kernel
            NDArray got = TextOps.relativeAttention(strided, k, v, 3, bias, most);
            assertClose(got, plainRelativeAttention(strided, k, v, 3, bias));
        }
        assertSameGradient(
                bias, x -> TextOps.relativeAttention(q, k, v, 3, x), x -> plainRelativeAttention(q, k, v, 3, x));
        assertSameGradient(
                q, x -> TextOps.relativeAttention(x, k, v, 3, bias), x -> plainRelativeAttention(x, k, v, 3, bias));
    }

    private NDArray plainRelativeAttention(NDArray q, NDArray k, NDArray v, long heads, NDArray bias) {
        long n = q.getShape().get(1);
        long m = k.getShape().get(1);
        NDArray scores = split(q, heads).matMul(split(k, heads).swapAxes(2, 3));
        NDArray columns = manager.arange((int) m)
                .reshape(1, m)
                .sub(manager.arange((int) n).reshape(n, 1));
        NDArray pairs = bias.transpose()
                .get(columns.add(n - 1).toType(DataType.INT64, false).flatten());
        pairs = pairs.transpose();
        NDArray mixed = scores.add(pairs.reshape(1, heads, n, m)).softmax(-1).matMul(split(v, heads));
        return mixed.swapAxes(1, 2).reshape(q.getShape());
    }

    @Test
    void halvesOfAHeadAreTurnedByTheAngleOfTheirPosition() {
        NDArray x = normal(2, 3, 2, 4);
        NDArray angles = normal(3, 2);

        NDArray y = TextOps.rotateHalves(x, angles.cos(), angles.sin());

        for (int position = 0; position < 3; position++) {
            for (int i = 0; i < 2; i++) {
                NDArray a = x.get(":, {}, :, {}", position, i);
                NDArray b = x.get(":, {}, :, {}", position, i + 2);
                NDArray angle = angles.get("{}, {}", position, i);
                assertClose(
                        y.get(":, {}, :, {}", position, i), a.mul(angle.cos()).sub(b.mul(angle.sin())));
                assertClose(
                        y.get(":, {}, :, {}", position, i + 2),
                        a.mul(angle.sin()).add(b.mul(angle.cos())));
            }
        }
    }

    @Test
    void headsAreRepeatedOneAfterTheOther() {
        NDArray x = manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 1, 4));
        assertThat(TextOps.repeatHeads(x, 2, 3).toFloatArray()).containsExactly(1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4);
    }

    @Test
    void theGateOfSiluIsItsFirstOperand() {
        NDArray gate = normal(2, 5);
        NDArray h = normal(2, 5);
        assertClose(
                TextOps.siluGated(gate, h), gate.div(gate.neg().exp().add(1)).mul(h));
    }

    @Test
    void theGateOfGeluTanhIsItsFirstOperand() {
        NDArray gate = normal(2, 5);
        NDArray h = normal(2, 5);
        NDArray inner = gate.add(gate.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
        assertClose(
                TextOps.geluTanhGated(gate, h),
                gate.mul(0.5).mul(inner.tanh().add(1)).mul(h));
    }

    private void assertSameGradient(NDArray x, UnaryOperator<NDArray> ours, UnaryOperator<NDArray> plain) {
        assertClose(Gradients.gradient(x.duplicate(), ours), Gradients.gradient(x.duplicate(), plain));
    }

    private NDArray normal(long... shape) {
        return manager.randomNormal(new Shape(shape));
    }

    private static NDArray split(NDArray x, long heads) {
        return x.reshape(x.getShape().get(0), x.getShape().get(1), heads, -1).swapAxes(1, 2);
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        float scale = Math.max(1, expected.abs().max().getFloat());
        assertThat(actual.sub(expected).abs().max().getFloat()).isLessThan(2e-5f * scale);
    }
}
