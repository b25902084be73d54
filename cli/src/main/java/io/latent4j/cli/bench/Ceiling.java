package io.latent4j.cli.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.ops.MatrixProducts;
import io.latent4j.core.ops.Ops;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * Products of matrices, the practical ceiling of a machine: the best of those that libtorch's libraries do, in the data type
 * of the model. Each measurement does them all in turn; a product counts by the median of its measurements.
 */
final class Ceiling {
    private static final int TRIES = 3; // of which the fastest counts
    private static final Side SQUARE = new Side(2048, 2048, 2048);
    private static final Side LINEAR = new Side(2048, 1280, 5120); // as a linear layer of a large model

    private final NDManager owner;
    private final DataType dataType;
    private final int measurements;
    private final Map<String, double[]> speeds = new LinkedHashMap<>();
    private int measured;

    /** Rows, and width before and after. */
    private record Side(int rows, int in, int out) {
        double operations() {
            return 2.0 * rows * in * out;
        }

        @Override
        public String toString() {
            return rows + "x" + in + "x" + out;
        }
    }

    /**
     * @param measurements how often {@link #measure} will be called
     */
    Ceiling(NDManager owner, DataType dataType, int measurements) {
        this.owner = owner;
        this.dataType = dataType;
        this.measurements = measurements;
    }

    /** Times each product. */
    void measure() {
        for (Side side : new Side[] {SQUARE, LINEAR}) {
            try (NDManager manager = owner.newSubManager();
                    NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                NDArray x = Ops.cast(manager.randomNormal(new Shape(side.rows, side.in)), dataType);
                NDArray weight = Ops.cast(manager.randomNormal(new Shape(side.out, side.in)), dataType);
                time(MatrixProducts.defaultName(dataType), side, x, weight, MatrixProducts::byDefault);
                if (MatrixProducts.hasOneDnn(manager, dataType)) {
                    time("oneDNN", side, x, weight, MatrixProducts::byOneDnn);
                }
            }
        }
        measured++;
    }

    private void time(String library, Side side, NDArray x, NDArray weight, BinaryOperator<NDArray> product) {
        double fastest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < TRIES; i++) {
            double seconds = Bench.seconds(() -> {
                try (NDArray result = product.apply(x, weight);
                        NDArray first = result.get(0, 0);
                        NDArray wide = Ops.cast(first, DataType.FLOAT32)) {
                    wide.getFloat(); // which waits for a device to be done
                }
            });
            fastest = Math.min(fastest, seconds);
        }
        speeds.computeIfAbsent(library + " " + side, key -> new double[measurements])[measured] =
                side.operations() / fastest;
    }

    /** Floating-point operations a second of the best product. */
    double best() {
        return median(name());
    }

    private String name() {
        return speeds.keySet().stream()
                .max((a, b) -> Double.compare(median(a), median(b)))
                .orElseThrow();
    }

    private double median(String product) {
        return Bench.medianButFirst(speeds.get(product));
    }

    /** Adds the best product, its name, and all of them. */
    void addTo(JsonObject json) {
        json.addProperty("matrix_product_tflop_per_second", Bench.rounded(best() * 1e-12));
        json.addProperty("matrix_product_by", name());
        JsonObject all = new JsonObject();
        speeds.keySet().forEach(each -> all.addProperty(each, Bench.rounded(median(each) * 1e-12)));
        json.add("matrix_products_tflop_per_second", all);
    }
}
