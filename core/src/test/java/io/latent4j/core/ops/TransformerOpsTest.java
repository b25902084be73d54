package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.core.random.TorchRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransformerOpsTest {
    private final TorchRandom random = new TorchRandom(5);
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
    void modulatesWhatIsNormalized() {
        NDArray x = normal(2, 3, 8);
        NDArray shift = normal(2, 8);
        NDArray scale = normal(2, 8);

        NDArray y = TransformerOps.modulatedNorm(x, shift, scale, 1e-6);

        NDArray centred = x.sub(x.mean(new int[] {2}, true));
        NDArray norm =
                centred.div(centred.square().mean(new int[] {2}, true).add(1e-6).sqrt());
        assertClose(y, norm.mul(scale.add(1).reshape(2, 1, 8)).add(shift.reshape(2, 1, 8)));
    }

    @Test
    void oneModulationServesAllSamples() {
        NDArray x = normal(2, 3, 8);
        NDArray one = normal(1, 8);
        NDArray two = one.concat(one, 0);
        assertClose(TransformerOps.modulatedNorm(x, one, one, 1e-6), TransformerOps.modulatedNorm(x, two, two, 1e-6));
        assertClose(TransformerOps.gatedSum(x, one, x), TransformerOps.gatedSum(x, two, x));
    }

    @Test
    void gatesABranch() {
        NDArray x = normal(2, 3, 8);
        NDArray gate = normal(2, 8);
        NDArray h = normal(2, 3, 8);
        assertClose(
                TransformerOps.gatedSum(x, gate, h),
                h.mul(gate.reshape(2, 1, 8)).add(x));
    }

    @Test
    void sumsStayWithinFloat16() {
        NDArray x = manager.create(new float[] {60_000, -60_000, 1}, new Shape(1, 1, 3));
        NDArray gate = manager.create(new float[] {1, 1, 1}, new Shape(1, 3));
        assertThat(TransformerOps.gatedSum(x, gate, x).toFloatArray()).containsExactly(120_000, -120_000, 2);
        NDArray narrow = x.toType(DataType.FLOAT16, false);

        NDArray y = TransformerOps.gatedSum(narrow, gate.toType(DataType.FLOAT16, false), narrow);

        assertThat(y.toType(DataType.FLOAT32, false).toFloatArray()).containsExactly(65_504, -65_504, 2);
    }

    @Test
    void rotatesNeighbouringPairsByTheirTokensAngles() {
        double[][] angles = {{0, 0}, {0.5, 2}, {-1, 3}};
        float[] table = new float[12];
        for (int i = 0; i < 6; i++) {
            table[2 * i] = (float) Math.cos(angles[i / 2][i % 2]);
            table[2 * i + 1] = (float) Math.sin(angles[i / 2][i % 2]);
        }
        NDArray x = normal(2, 3, 8); // two heads of two pairs

        NDArray y = TransformerOps.rotatedPairs(x, manager.create(table, new Shape(3, 2, 2)));

        float[] in = x.toFloatArray();
        float[] out = y.toFloatArray();
        for (int i = 0; i < in.length; i += 2) {
            double angle = angles[i / 8 % 3][i / 2 % 2];
            assertThat((double) out[i]).isCloseTo(in[i] * Math.cos(angle) - in[i + 1] * Math.sin(angle), within(1e-6));
            assertThat((double) out[i + 1])
                    .isCloseTo(in[i] * Math.sin(angle) + in[i + 1] * Math.cos(angle), within(1e-6));
        }
    }

    @Test
    void rotatesInTheTypeOfItsInput() {
        NDArray x = normal(1, 3, 8);
        NDArray table = normal(3, 2, 2);
        NDArray y = TransformerOps.rotatedPairs(x.toType(DataType.FLOAT16, false), table);
        assertThat(y.getDataType()).isEqualTo(DataType.FLOAT16);
        assertThat(y.toType(DataType.FLOAT32, false).allClose(TransformerOps.rotatedPairs(x, table), 1e-2, 1e-2, false))
                .isTrue();
    }

    @Test
    void gradientsGoThroughAll() {
        NDArray x = normal(1, 3, 8);
        NDArray shift = normal(1, 8);
        NDArray table = normal(3, 2, 2);
        x.setRequiresGradient(true);
        shift.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray h = TransformerOps.modulatedNorm(x, shift, shift, 1e-6);
            collector.backward(TransformerOps.gatedSum(x, shift, TransformerOps.rotatedPairs(h, table))
                    .square()
                    .sum());
        }
        int[] at = {0, 5, 23};
        for (int i : at) {
            assertThat((double) x.getGradient().toFloatArray()[i]).isCloseTo(slope(x, shift, table, i), within(0.05));
        }
    }

    /** Of the same sum of squares, by a difference in one number of {@code x}. */
    private static double slope(NDArray x, NDArray shift, NDArray table, int i) {
        double step = 1e-2;
        return (sum(x, shift, table, i, step) - sum(x, shift, table, i, -step)) / (2 * step);
    }

    private static double sum(NDArray x, NDArray shift, NDArray table, int i, double step) {
        float[] numbers = x.toFloatArray();
        numbers[i] += (float) step;
        NDArray moved = x.getManager().create(numbers, x.getShape());
        NDArray h = TransformerOps.modulatedNorm(moved, shift, shift, 1e-6);
        return TransformerOps.gatedSum(moved, shift, TransformerOps.rotatedPairs(h, table))
                .square()
                .sum()
                .getFloat();
    }

    private NDArray normal(long... shape) {
        return random.normal(manager, new Shape(shape));
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.toFloatArray()).containsExactly(expected.toFloatArray(), within(2e-5f));
    }
}
