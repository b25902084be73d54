package io.latent4j.pipeline.model;

/** Linear regression by the normal equations, for a few unknowns and any number of samples. */
final class LeastSquares {
    private static final double RIDGE = 1e-9; // of the sum of squares: keeps unknowns that no sample shows at zero

    private final int inputs;
    private final int outputs;
    private final double[][] equations; // (inputs, inputs + outputs): sums of x·xᵀ, and beside them of x·yᵀ

    LeastSquares(int inputs, int outputs) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.equations = new double[inputs][inputs + outputs];
    }

    /** Counts one sample in. */
    void add(double[] x, double[] y) {
        for (int i = 0; i < inputs; i++) {
            for (int j = 0; j < inputs; j++) {
                equations[i][j] += x[i] * x[j];
            }
            for (int j = 0; j < outputs; j++) {
                equations[i][inputs + j] += x[i] * y[j];
            }
        }
    }

    /** The map with the least sum of squared errors, (outputs, inputs), row by row; no sample is to be added after it. */
    double[] solve() {
        double trace = 0;
        for (int i = 0; i < inputs; i++) {
            trace += equations[i][i];
        }
        for (int i = 0; i < inputs; i++) {
            equations[i][i] += RIDGE * trace;
        }
        for (int i = 0; i < inputs; i++) { // Gauss and Jordan; positive definite, so there is no need to pivot
            double pivot = equations[i][i];
            for (int j = 0; j < inputs + outputs; j++) {
                equations[i][j] /= pivot;
            }
            for (int k = 0; k < inputs; k++) {
                double factor = equations[k][i];
                for (int j = 0; k != i && j < inputs + outputs; j++) {
                    equations[k][j] -= factor * equations[i][j];
                }
            }
        }
        double[] map = new double[outputs * inputs];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                map[o * inputs + i] = equations[i][inputs + o];
            }
        }
        return map;
    }
}
