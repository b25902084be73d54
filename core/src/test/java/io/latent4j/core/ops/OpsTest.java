package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.core.memory.Scopes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpsTest {
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
    void groupNormNormalizesEachGroup() {
        NDArray x = normal(2, 8, 5, 3);
        NDArray weight = normal(8);
        NDArray bias = normal(8);

        NDArray y = Ops.groupNorm(x, 4, weight, bias, 1e-5);

        assertClose(y, plainGroupNorm(x, 4, weight, bias, 1e-5));
        assertClose(Ops.groupNormSilu(x, 4, weight, bias, 1e-5), plainSilu(y));
    }

    @Test
    void epsilonIsTheOneAskedFor() {
        NDArray x = normal(1, 4, 2, 2).mul(1e-3);
        NDArray one = manager.ones(new Shape(4));
        NDArray zero = manager.zeros(new Shape(4));
        assertClose(Ops.groupNorm(x, 2, one, zero, 1e-6), plainGroupNorm(x, 2, one, zero, 1e-6));
        assertClose(Ops.groupNorm(x, 2, one, zero, 1e-5), plainGroupNorm(x, 2, one, zero, 1e-5));
    }

    @Test
    void rmsNormDividesByTheRootOfTheMeanSquare() {
        NDArray x = normal(2, 5, 8);
        NDArray weight = normal(8);

        assertClose(Ops.rmsNorm(x, weight, 1e-6), plainRmsNorm(x, weight, 1e-6));
        NDArray faint = x.mul(1e-3); // where epsilon counts
        assertClose(Ops.rmsNorm(faint, weight, 1e-6), plainRmsNorm(faint, weight, 1e-6));
        assertSameGradient(x, in -> Ops.rmsNorm(in, weight, 1e-6), in -> plainRmsNorm(in, weight, 1e-6));
    }

    @Test
    void rmsNormSquaresBeyondTheRangeOfFloat16() {
        NDArray x = normal(3, 16).mul(10_000).toType(DataType.FLOAT16, false);
        NDArray one = manager.ones(new Shape(16), DataType.FLOAT16);

        NDArray y = Ops.rmsNorm(x, one, 1e-6);

        assertThat(y.getDataType()).isEqualTo(DataType.FLOAT16);
        NDArray wide = x.toType(DataType.FLOAT32, false);
        NDArray expected = plainRmsNorm(wide, manager.ones(new Shape(16)), 1e-6);
        assertThat(y.toType(DataType.FLOAT32, false).allClose(expected, 1e-3, 1e-3, false))
                .isTrue();
    }

    private static NDArray plainRmsNorm(NDArray x, NDArray weight, double epsilon) {
        return x.div(x.square().mean(new int[] {-1}, true).add(epsilon).sqrt()).mul(weight);
    }

    @Test
    void activationsAreTheirFormulas() {
        NDArray x = normal(3, 7);
        assertClose(Ops.silu(x), plainSilu(x));
        assertClose(Ops.quickGelu(x), x.mul(plainSigmoid(x.mul(1.702))));
        assertClose(Ops.gelu(x), plainGelu(x));
        NDArray inner = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
        assertClose(Ops.geluTanh(x), x.mul(inner.tanh().add(1)).mul(0.5));
        NDArray both = normal(3, 8);
        assertClose(Ops.swiglu(both), plainSilu(both.get(":, :4")).mul(both.get(":, 4:")));
    }

    @Test
    void numbersOutliveTheGarbageCollectorUntilTheGradientIsDue() {
        NDArray x = manager.full(new Shape(3), 2f);
        x.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray y = Ops.div(Ops.mul(x, 3), 0.5).sum();
            System.gc();
            List<ByteBuffer> takers = IntStream.range(0, 2_000) // of memory that has become free
                    .mapToObj(i -> ByteBuffer.allocateDirect(8).putLong(0, -1))
                    .toList();
            collector.backward(Ops.mul(y, 0.5));
            assertThat(takers).hasSize(2_000);
        }
        assertThat(x.getGradient().toFloatArray()).containsExactly(3, 3, 3);
    }

    @Test
    void limitsOutliveTheGarbageCollectorUntilTheGradientIsDue() {
        NDArray x = manager.create(new float[] {-3, 2, 5});
        x.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray y = Ops.maximum(x, 1).add(Scopes.scoped(() -> x.clip(-4, 4)));
            System.gc();
            List<ByteBuffer> takers = IntStream.range(0, 2_000)
                    .mapToObj(i -> ByteBuffer.allocateDirect(8).putLong(0, 0x7E7E7E7E7E7E7E7EL))
                    .toList();
            collector.backward(y.sum());
            assertThat(y.toFloatArray()).containsExactly(1 - 3, 2 + 2, 5 + 4);
            assertThat(takers).hasSize(2_000);
        }
        assertThat(x.getGradient().toFloatArray()).containsExactly(1, 2, 1);
    }

    @Test
    void numbersKeepTheTypeOfWhatTheyMeet() {
        NDArray loss = manager.create(3f);
        assertThat(Ops.mul(loss, 0.1).getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(Ops.div(loss, 3).getFloat()).isEqualTo(1);
        NDArray half = manager.ones(new Shape(2), DataType.FLOAT16);
        assertThat(Ops.mul(half, 0.25).getDataType()).isEqualTo(DataType.FLOAT16);
        NDArray exact = manager.ones(new Shape(2), DataType.FLOAT64);
        assertThat(Ops.mul(exact, 0.1).toDoubleArray()).containsExactly(0.1, 0.1);
    }

    @Test
    void gegluMultipliesTheFirstHalfByGeluOfTheSecond() {
        NDArray x = normal(2, 5, 8);
        NDArray h = x.get(new NDIndex("..., :4"));
        NDArray gate = x.get(new NDIndex("..., 4:"));
        assertClose(Ops.geglu(x), h.mul(plainGelu(gate)));
    }

    @Test
    void attentionIsSoftmaxOfScaledProducts() {
        NDArray q = normal(2, 7, 12);
        NDArray k = normal(2, 5, 12);
        NDArray v = normal(2, 5, 12);
        assertClose(Ops.attention(q, k, v, 3), plainAttention(q, k, v, 3));
    }

    @Test
    void attentionWithoutAFusedKernelTakesSomeQueriesAtATime() {
        NDArray q = normal(2, 12, 7).transpose(0, 2, 1); // whose last axis does not lie in memory one by one
        NDArray k = normal(2, 5, 12);
        NDArray v = normal(2, 5, 12);

        for (long most : new long[] {1, 2 * 3 * 5 * 2, 2 * 3 * 5 * 4, 2 * 3 * 5 * 7}) { // queries: 1, 2, 4, all
            assertClose(Ops.attention(q, k, v, 3, false, most), plainAttention(q, k, v, 3));
        }
        assertSameGradient(
                normal(2, 12, 7),
                x -> Ops.attention(x.transpose(0, 2, 1), k, v, 3, false, 60),
                x -> plainAttention(x.transpose(0, 2, 1), k, v, 3));
    }

    @Test
    void attentionInHalfPrecisionIsNearTheWhole() {
        NDArray q = normal(1, 64, 32);
        for (DataType type : new DataType[] {DataType.FLOAT16, DataType.BFLOAT16}) {
            NDArray x = Ops.cast(q, type);
            NDArray y = Ops.cast(Ops.attention(x, x, x, 4), DataType.FLOAT32);
            NDArray wide = Ops.cast(x, DataType.FLOAT32);
            NDArray difference = y.sub(plainAttention(wide, wide, wide, 4)).abs();
            assertThat(difference.max().getFloat()).isLessThan(type == DataType.FLOAT16 ? 4e-3f : 3e-2f);
        }
    }

    @Test
    void attentionAddsToTheScores() {
        NDArray q = normal(2, 6, 8);
        NDArray k = normal(2, 5, 8);
        NDArray v = normal(2, 5, 8);
        for (Shape shape : new Shape[] {new Shape(2, 1, 1, 5), new Shape(1, 2, 6, 5), new Shape(2, 2, 6, 5)}) {
            NDArray added = normal(shape.getShape());
            NDArray expected = plainAttention(q, k, v, added);
            assertClose(Ops.attention(q, k, v, 2, added), expected);
            assertClose(Ops.attention(q, k, v, 2, added, 50), expected); // no more than 50 weights at a time
        }
    }

    @Test
    void attentionLeavesMaskedKeysOut() {
        NDArray q = normal(1, 3, 4);
        NDArray k = normal(1, 4, 4);
        NDArray v = normal(1, 4, 4);
        NDArray mask = manager.create(new float[] {0, 0, -10_000, Float.NEGATIVE_INFINITY}, new Shape(1, 1, 1, 4));
        NDIndex kept = new NDIndex(":, :2");
        assertClose(Ops.attention(q, k, v, 1, mask), Ops.attention(q, k.get(kept), v.get(kept), 1));
    }

    /** By the formula, of two heads. */
    private static NDArray plainAttention(NDArray q, NDArray k, NDArray v, NDArray added) {
        NDArray scores = heads(q).matMul(heads(k).transpose(0, 1, 3, 2)).div(Math.sqrt(4));
        return scores.add(added)
                .softmax(3)
                .matMul(heads(v))
                .transpose(0, 2, 1, 3)
                .reshape(2, -1, 8);
    }

    private static NDArray heads(NDArray x) {
        return x.reshape(2, -1, 2, 4).transpose(0, 2, 1, 3);
    }

    @Test
    void causalAttentionSeesNoLaterToken() {
        NDArray q = normal(1, 6, 8);
        NDArray k = normal(1, 6, 8);
        NDArray v = normal(1, 6, 8);
        NDArray all = Ops.causalAttention(q, k, v, 2);
        for (int n = 1; n <= 6; n++) {
            NDIndex first = new NDIndex(":, :" + n);
            NDArray last =
                    Ops.attention(q.get(first), k.get(first), v.get(first), 2).get(":, -1");
            assertClose(all.get(":, " + (n - 1)), last);
        }
    }

    @Test
    void upsamplingRepeatsTheNearestPixel() {
        NDArray x = manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 1, 2, 2));
        assertThat(Ops.upsampleNearest(x, 4, 3).toFloatArray()).containsExactly(1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4);
    }

    @Test
    void castsToEveryTypeThatIsStored() {
        NDArray x = manager.create(new float[] {0, 3, 2});
        for (DataType type : List.of(
                DataType.UINT8, DataType.INT8, DataType.INT32, DataType.INT64, DataType.FLOAT16, DataType.FLOAT64)) {
            NDArray cast = Ops.cast(x, type);
            assertThat(cast.getDataType()).isEqualTo(type);
            assertThat(Ops.cast(cast, DataType.FLOAT32).toFloatArray())
                    .as(type.name())
                    .containsExactly(0, 3, 2);
        }
        assertThat(Ops.cast(x, DataType.BOOLEAN).toBooleanArray()).containsExactly(false, true, true);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.cast(x, DataType.STRING))
                .withMessageStartingWith("data type is string; expected ");
    }

    @Test
    void castsBetweenFloatingTypes() {
        NDArray x = manager.create(new float[] {1, 1.0039062f, -3});
        assertThat(Ops.cast(x, DataType.FLOAT16).getDataType()).isEqualTo(DataType.FLOAT16);
        NDArray narrow = Ops.cast(x, DataType.BFLOAT16);
        assertThat(Ops.cast(narrow, DataType.FLOAT32).toFloatArray()).containsExactly(1, 1, -3);
        assertThat(Ops.castLike(narrow, x).getDataType()).isEqualTo(DataType.FLOAT32);
    }

    @Test
    void paddingAddsZerosAtRightAndBottom() {
        NDArray x = manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 1, 2, 2));
        assertThat(Ops.padRightAndBottom(x).toFloatArray()).containsExactly(1, 2, 0, 3, 4, 0, 0, 0, 0);
    }

    @Test
    void standardDeviationIsUnbiased() {
        NDArray x = manager.create(new float[] {1, 2, 3, 4, 2, 2, 2, 6}, new Shape(2, 1, 2, 2));
        NDArray std = Ops.std(x);
        assertThat(std.getShape()).isEqualTo(new Shape(2, 1, 1, 1));
        assertThat(std.toFloatArray()[0]).isCloseTo((float) Math.sqrt(5 / 3.0), within(1e-6f));
        assertThat(std.toFloatArray()[1]).isCloseTo(2f, within(1e-6f));
    }

    @Test
    void intervalsOfTheNormalDistributionAreGoodInTheTails() {
        NDArray lower = manager.create(new float[] {-1, 5, -40, 30, -1e8f, 0.5f});
        NDArray upper = manager.create(new float[] {1, 6, -39, 31, 1e8f, 0.50001f});

        float[] logs = Ops.logNormalInterval(lower, upper).toFloatArray();

        // log((erfc(a / √2) - erfc(b / √2)) / 2) in 30 digits
        assertThat((double) logs[0]).isCloseTo(-0.3817152, within(1e-6));
        assertThat((double) logs[1]).isCloseTo(-15.0684461, within(2e-6));
        assertThat((double) logs[2]).isCloseTo(-765.08316, within(1e-4));
        assertThat((double) logs[3]).isCloseTo(-454.32124, within(1e-4));
        assertThat(logs[4]).isZero();
        assertThat((double) logs[5]).isCloseTo(-12.555509, within(1e-5));
    }

    @Test
    void gradientsEqualThoseOfThePlainFormulas() {
        NDArray weight = normal(8);
        NDArray bias = normal(8);
        NDArray k = normal(2, 5, 12);
        NDArray v = normal(2, 5, 12);
        assertSameGradient(
                normal(2, 8, 5, 3),
                x -> Ops.groupNorm(x, 4, weight, bias, 1e-5),
                x -> plainGroupNorm(x, 4, weight, bias, 1e-5));
        assertSameGradient(
                normal(2, 8, 5, 3),
                x -> Ops.groupNormSilu(x, 4, weight, bias, 1e-5),
                x -> plainSilu(plainGroupNorm(x, 4, weight, bias, 1e-5)));
        assertSameGradient(normal(3, 7), Ops::silu, OpsTest::plainSilu);
        assertSameGradient(normal(3, 7), Ops::quickGelu, x -> x.mul(plainSigmoid(x.mul(1.702))));
        assertSameGradient(
                normal(3, 8),
                Ops::geglu,
                x -> x.get(new NDIndex("..., :4")).mul(plainGelu(x.get(new NDIndex("..., 4:")))));
        assertSameGradient(normal(2, 7, 12), q -> Ops.attention(q, k, v, 3), q -> plainAttention(q, k, v, 3));
    }

    @Test
    void leavesNoArraysBehind() {
        NDArray x = normal(1, 4, 4, 4);
        NDArray one = manager.ones(new Shape(4));
        NDArray zero = manager.zeros(new Shape(4));
        Ops.groupNormSilu(x, 2, one, zero, 1e-5).close();
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 100; i++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                Ops.groupNormSilu(x, 2, one, zero, 1e-5);
            }
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private void assertSameGradient(NDArray x, UnaryOperator<NDArray> ours, UnaryOperator<NDArray> plain) {
        assertClose(Gradients.gradient(x.duplicate(), ours), Gradients.gradient(x.duplicate(), plain));
    }

    private NDArray normal(long... shape) {
        return manager.randomNormal(new Shape(shape));
    }

    private static NDArray plainSigmoid(NDArray x) {
        return x.neg().exp().add(1).pow(-1);
    }

    private static NDArray plainSilu(NDArray x) {
        return x.mul(plainSigmoid(x));
    }

    private static NDArray plainGelu(NDArray x) {
        return x.mul(x.div(Math.sqrt(2)).erf().add(1).div(2));
    }

    private static NDArray plainGroupNorm(NDArray x, long groups, NDArray weight, NDArray bias, double epsilon) {
        NDArray grouped = x.reshape(x.getShape().get(0), groups, -1);
        NDArray centred = grouped.sub(grouped.mean(new int[] {2}, true));
        NDArray variance = centred.square().mean(new int[] {2}, true);
        NDArray normal = centred.div(variance.add(epsilon).sqrt()).reshape(x.getShape());
        return normal.mul(weight.reshape(-1, 1, 1)).add(bias.reshape(-1, 1, 1));
    }

    private static NDArray plainAttention(NDArray q, NDArray k, NDArray v, long heads) {
        long width = q.getShape().get(2) / heads;
        NDArray scores = split(q, heads).matMul(split(k, heads).swapAxes(2, 3)).div(Math.sqrt((double) width));
        return scores.softmax(-1).matMul(split(v, heads)).swapAxes(1, 2).reshape(q.getShape());
    }

    private static NDArray split(NDArray x, long heads) {
        return x.reshape(x.getShape().get(0), x.getShape().get(1), heads, -1).swapAxes(1, 2);
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        float scale = Math.max(1, expected.abs().max().getFloat());
        assertThat(actual.sub(expected).abs().max().getFloat()).isLessThan(2e-5f * scale);
    }

    @Test
    void interpolatesBetweenTheMiddlesOfPixels() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new float[] {0, 1}, new Shape(1, 1, 1, 2));
            assertThat(Ops.upsampleNearest(x, 1, 4).toFloatArray()).containsExactly(0, 0, 1, 1);
            assertThat(Ops.upsampleBilinear(x, 1, 4).toFloatArray()).containsExactly(0, 0.25f, 0.75f, 1);
            // weights at a distance of 1/4, 3/4 and 5/4, of which those of the two pixels count
            float near = 0.8671875f;
            float far = 0.2265625f;
            float beyond = -0.0703125f;
            float low = beyond / (near + beyond);
            float middle = far / (near + far);
            assertThat(Ops.upsampleBicubic(x, 1, 4).toFloatArray())
                    .containsExactly(new float[] {low, middle, 1 - middle, 1 - low}, within(1e-6f));
        }
    }
}
