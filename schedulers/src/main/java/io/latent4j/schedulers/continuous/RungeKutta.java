package io.latent4j.schedulers.continuous;

import java.util.ArrayList;
import java.util.List;

/**
 * Explicit Runge-Kutta steps of equal length (Hairer, Nørsett and Wanner 1993, section II.1).
 *
 * @param rows what each evaluation of a step adds to its start, as shares of the evaluations before it; the first is empty
 * @param weights of the evaluations in the step's end, one more than rows have shares
 */
public record RungeKutta(List<List<Double>> rows, List<Double> weights, int steps) implements OdeSolver {

    public RungeKutta {
        rows = rows.stream().map(List::copyOf).toList();
        weights = List.copyOf(weights);
        if (steps < 1) {
            throw new IllegalArgumentException("steps is " + steps + "; expected 1 or more");
        }
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).size() != i || weights.size() != rows.size()) {
                throw new IllegalArgumentException("the table has rows " + rows + " and weights " + weights
                        + "; expected row i to have i shares, and as many weights as rows");
            }
        }
    }

    /** Euler's method: first order, one evaluation a step. */
    public static RungeKutta euler(int steps) {
        return new RungeKutta(List.of(List.of()), List.of(1.0), steps);
    }

    /** Heun's method, the mean of the slopes at both ends: second order, two evaluations. */
    public static RungeKutta heun(int steps) {
        return new RungeKutta(List.of(List.of(), List.of(1.0)), List.of(0.5, 0.5), steps);
    }

    /** The classical method: fourth order, four evaluations. */
    public static RungeKutta fourth(int steps) {
        List<List<Double>> rows = List.of(List.of(), List.of(0.5), List.of(0.0, 0.5), List.of(0.0, 0.0, 1.0));
        return new RungeKutta(rows, List.of(1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6), steps);
    }

    @Override
    public double[] solve(Ode ode, double from, double to, double[] y) {
        double length = (to - from) / steps;
        double[] at = y.clone();
        for (int i = 0; i < steps; i++) {
            at = step(ode, from + i * length, length, at);
        }
        return at;
    }

    private double[] step(Ode ode, double t, double length, double[] y) {
        List<double[]> slopes = new ArrayList<>();
        for (List<Double> row : rows) {
            double share = row.stream().mapToDouble(a -> a).sum();
            slopes.add(ode.derivative(t + share * length, add(y, length, row, slopes)));
        }
        return add(y, length, weights, slopes);
    }

    private static double[] add(double[] y, double length, List<Double> shares, List<double[]> slopes) {
        double[] sum = y.clone();
        for (int i = 0; i < shares.size(); i++) {
            double share = shares.get(i) * length;
            double[] slope = slopes.get(i);
            for (int k = 0; k < sum.length; k++) {
                sum[k] += share * slope[k];
            }
        }
        return sum;
    }
}
