package io.latent4j.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import io.latent4j.core.ops.Convolutions;
import io.latent4j.core.ops.Ops;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The operators of a guided step at 512×512: batch 2, 64×64 latents, 320 channels, 8 heads; beside each what DJL alone
 * offers for the same, where it offers something, and a product of matrices for the machine's ceiling.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OperatorBenchmark {
    private static final int BATCH = 2;
    private static final int SIDE = 64;
    private static final int CHANNELS = 320;
    private static final int HEADS = 8;
    private static final int GROUPS = 32;
    private static final double EPSILON = 1e-5;
    private static final Shape ONE = new Shape(1, 1);

    private NDManager manager;
    private NDArray square;
    private NDArray pixels;
    private NDArray gamma;
    private NDArray beta;
    private NDArray kernel;
    private NDArray tokens;
    private NDArray wide;
    private NDArray toWide;
    private NDArray wideBias;

    @Setup
    public void open() {
        manager = NDManager.newBaseManager("PyTorch");
        square = manager.randomNormal(new Shape(2048, 2048));
        pixels = manager.randomNormal(new Shape(BATCH, CHANNELS, SIDE, SIDE));
        gamma = manager.ones(new Shape(CHANNELS));
        beta = manager.zeros(new Shape(CHANNELS));
        kernel = manager.randomNormal(new Shape(CHANNELS, CHANNELS, 3, 3));
        tokens = manager.randomNormal(new Shape(BATCH, SIDE * SIDE, CHANNELS));
        wide = manager.randomNormal(new Shape(BATCH, SIDE * SIDE, 8 * CHANNELS));
        toWide = manager.randomNormal(new Shape(8 * CHANNELS, CHANNELS));
        wideBias = manager.zeros(new Shape(8 * CHANNELS));
    }

    @TearDown
    public void close() {
        manager.close();
    }

    @Benchmark
    public float matrixProduct2048() {
        return timed(() -> square.matMul(square));
    }

    @Benchmark
    public float convolution3x3() {
        return timed(() -> Conv2d.conv2d(pixels, kernel, beta, ONE, ONE).singletonOrThrow());
    }

    @Benchmark
    public float convolution3x3Chosen() {
        return timed(() -> Convolutions.convolve(pixels, kernel, beta, 1, 1));
    }

    @Benchmark
    public float groupNormSilu() {
        return timed(() -> Ops.groupNormSilu(pixels, GROUPS, gamma, beta, EPSILON));
    }

    /** Group normalization and SiLU of the operators DJL has. */
    @Benchmark
    public float groupNormSiluOfParts() {
        return timed(() -> {
            NDArray grouped = pixels.reshape(BATCH, GROUPS, -1);
            NDArray centred = grouped.sub(grouped.mean(new int[] {2}, true));
            NDArray variance = centred.square().mean(new int[] {2}, true);
            NDArray normal = centred.div(variance.add(EPSILON).sqrt())
                    .reshape(pixels.getShape())
                    .mul(gamma.reshape(-1, 1, 1))
                    .add(beta.reshape(-1, 1, 1));
            return normal.div(normal.neg().exp().add(1));
        });
    }

    @Benchmark
    public float attention() {
        return timed(() -> Ops.attention(tokens, tokens, tokens, HEADS));
    }

    /** Attention of the operators DJL has, which holds the matrix of all pairs of tokens. */
    @Benchmark
    public float attentionOfParts() {
        return timed(() -> {
            NDArray heads = tokens.reshape(BATCH, SIDE * SIDE, HEADS, -1).swapAxes(1, 2);
            double scale = 1 / Math.sqrt((double) CHANNELS / HEADS);
            NDArray weights = heads.mul(scale).matMul(heads.swapAxes(2, 3)).softmax(-1);
            return weights.matMul(heads).swapAxes(1, 2).reshape(tokens.getShape());
        });
    }

    @Benchmark
    public float geglu() {
        return timed(() -> Ops.geglu(wide));
    }

    @Benchmark
    public float linearToWide() {
        return timed(() ->
                Linear.linear(tokens.reshape(-1, CHANNELS), toWide, wideBias).singletonOrThrow());
    }

    /** The first number of the result, so that it is computed; everything made on the way is closed. */
    private static float timed(Supplier<NDArray> operator) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            return operator.get().flatten().getFloat(0);
        }
    }
}
