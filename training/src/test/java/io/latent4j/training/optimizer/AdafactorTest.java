package io.latent4j.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Floats;
import io.latent4j.core.random.TorchRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdafactorTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Against the paper's algorithms, written out number by number. */
    @ParameterizedTest
    @CsvSource({"1, false, 0", "0.3, false, 0.1", "1, true, 0", "0.3, true, 0.1"})
    void stepsAsInThePaper(double threshold, boolean relative, double decay) {
        List<Shape> shapes = List.of(new Shape(3, 5), new Shape(4, 2, 3, 3), new Shape(1, 6), new Shape(7));
        Parameters parameters = parameters(shapes);
        List<double[]> expected =
                parameters.values().stream().map(AdafactorTest::numbers).toList();
        List<Paper> paper = shapes.stream()
                .map(shape -> new Paper(shape, threshold, relative, decay))
                .toList();
        Adafactor adafactor = new Adafactor(parameters, new Adafactor.Settings(1e-30, threshold, relative, decay));
        TorchRandom random = new TorchRandom(2);

        for (int step = 1; step <= 4; step++) {
            for (int i = 0; i < shapes.size(); i++) {
                NDArray gradient = random.normal(manager, shapes.get(i));
                parameters.gradients().get(i).addi(gradient);
                paper.get(i).step(step, 0.01 * step, expected.get(i), numbers(gradient));
            }
            adafactor.step(0.01 * step);
            parameters.clearGradients();
        }

        for (int i = 0; i < shapes.size(); i++) {
            assertThat(numbers(parameters.values().get(i))).containsExactly(expected.get(i), within(2e-6));
        }
    }

    @Test
    void goesOnFromItsState() {
        List<Shape> shapes = List.of(new Shape(3, 5), new Shape(7));
        Parameters first = parameters(shapes);
        Parameters second = parameters(shapes);
        Adafactor whole = new Adafactor(first, Adafactor.Settings.DEFAULT);
        Adafactor before = new Adafactor(second, Adafactor.Settings.DEFAULT);
        Adafactor after = new Adafactor(second, Adafactor.Settings.DEFAULT);
        for (int step = 0; step < 6; step++) {
            if (step == 3) {
                before.state().forEach((name, array) -> after.state().get(name).set(array.toFloatArray()));
            }
            for (int i = 0; i < shapes.size(); i++) {
                NDArray gradient = new TorchRandom(step).normal(manager, shapes.get(i));
                first.gradients().get(i).addi(gradient);
                second.gradients().get(i).addi(gradient);
            }
            whole.step(0.1);
            (step < 3 ? before : after).step(0.1);
            first.clearGradients();
            second.clearGradients();
        }
        assertThat(numbers(second.values().get(0)))
                .containsExactly(numbers(first.values().get(0)));
        assertThat(before.state().keySet()).containsExactly("row.0", "column.0", "column.1", "steps");
    }

    /** 320 channels of 3x3 in, 640 out: 1.8 million numbers. */
    @Test
    void remembersLittleOfAConvolution() {
        Shape shape = new Shape(640, 320, 3, 3);
        assertThat(Adafactor.Settings.DEFAULT.remembered(shape)).isEqualTo(640 + 320 * 9);
        assertThat(AdamW.Settings.DEFAULT.remembered(shape)).isEqualTo(2 * shape.size());
    }

    @Test
    void refusesWhatIsNoSetting() {
        assertThatThrownBy(() -> new Adafactor.Settings(0, 1, false, 0)).hasMessageContaining("epsilon is 0.0");
        assertThatThrownBy(() -> new Adafactor.Settings(1, 1, false, -1)).hasMessageContaining("decay -1.0");
    }

    private Parameters parameters(List<Shape> shapes) {
        TorchRandom random = new TorchRandom(1);
        ImmutableMap.Builder<String, NDArray> arrays = ImmutableMap.builder();
        for (int i = 0; i < shapes.size(); i++) {
            arrays.put("" + i, random.normal(manager, shapes.get(i)));
        }
        return Parameters.ofArrays(arrays.buildOrThrow());
    }

    private static double[] numbers(NDArray array) {
        return Floats.asList(array.stopGradient().toFloatArray()).stream()
                .mapToDouble(Float::doubleValue)
                .toArray();
    }

    /** One array's descent in double precision. */
    private static final class Paper {
        private final int rows;
        private final int columns;
        private final double threshold;
        private final boolean relative;
        private final double decay;
        private final double[] rowMeans;
        private final double[] columnMeans;

        Paper(Shape shape, double threshold, boolean relative, double decay) {
            boolean matrix = shape.dimension() > 1;
            this.rows = matrix ? (int) shape.get(0) : 0;
            this.columns = (int) (matrix ? shape.size() / rows : shape.size());
            this.threshold = threshold;
            this.relative = relative;
            this.decay = decay;
            this.rowMeans = new double[rows];
            this.columnMeans = new double[columns];
        }

        void step(int step, double rate, double[] x, double[] gradient) {
            double keep = 1 - Math.pow(step, -0.8);
            double[] square = Arrays.stream(gradient).map(g -> g * g + 1e-30).toArray();
            double[] move = rows == 0 ? vector(keep, gradient, square) : matrix(keep, gradient, square);
            double norm = Math.max(1, size(move) / threshold);
            double own = rate * (relative ? Math.max(1e-3, size(x)) : 1);
            for (int i = 0; i < x.length; i++) {
                x[i] = x[i] * (1 - rate * decay);
                x[i] -= own * move[i] / norm;
            }
        }

        private double[] vector(double keep, double[] gradient, double[] square) {
            for (int i = 0; i < columns; i++) {
                columnMeans[i] = keep * columnMeans[i] + (1 - keep) * square[i];
            }
            return IntStream.range(0, columns)
                    .mapToDouble(i -> gradient[i] / Math.sqrt(columnMeans[i]))
                    .toArray();
        }

        private double[] matrix(double keep, double[] gradient, double[] square) {
            for (int r = 0; r < rows; r++) {
                int row = r;
                double mean = IntStream.range(0, columns)
                        .mapToDouble(c -> square[row * columns + c])
                        .average()
                        .orElseThrow();
                rowMeans[r] = keep * rowMeans[r] + (1 - keep) * mean;
            }
            for (int c = 0; c < columns; c++) {
                int column = c;
                double mean = IntStream.range(0, rows)
                        .mapToDouble(r -> square[r * columns + column])
                        .average()
                        .orElseThrow();
                columnMeans[c] = keep * columnMeans[c] + (1 - keep) * mean;
            }
            double all = Arrays.stream(rowMeans).average().orElseThrow();
            return IntStream.range(0, gradient.length)
                    .mapToDouble(i -> gradient[i] / Math.sqrt(rowMeans[i / columns] * columnMeans[i % columns] / all))
                    .toArray();
        }

        private static double size(double[] x) {
            return Math.sqrt(Arrays.stream(x).map(each -> each * each).average().orElseThrow());
        }
    }
}
