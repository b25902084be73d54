package io.latent4j.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.ops.ParameterOps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Adafactor: algorithms 4 and 5 of <a href="https://arxiv.org/abs/1804.04235">Shazeer &amp; Stern 2018</a>, with learning
 * rates that are given. Of a matrix's squared gradients it remembers the means of rows and columns only, and nothing of the
 * gradients themselves: a thousandth of what {@link AdamW} does. An array of more dimensions, a convolution's weight, counts
 * as a matrix whose rows are its outputs; of a vector it remembers each square.
 */
public final class Adafactor implements Optimizer {
    private static final double MEMORY = 0.8; // how the squares' memory grows: 1 - step^-0.8, section 7.2

    private final Parameters parameters;
    private final Settings settings;
    private final List<NDArray> rows = new ArrayList<>(); // of vectors, not used
    private final List<NDArray> columns = new ArrayList<>(); // of vectors, the squares
    private final NDArray steps;

    /**
     * What does not change during a run.
     *
     * @param epsilon added to each square, which a row without gradients needs
     * @param threshold the largest root mean square of a step before it is multiplied by the learning rate
     * @param relative whether the learning rate of an array is multiplied by the root mean square of its numbers, 0.001 or more
     * @param decay how much of a parameter is taken away a step, times the learning rate
     */
    public record Settings(double epsilon, double threshold, boolean relative, double decay)
            implements Optimizer.Settings {
        /** What the paper takes, but for rates that are not relative, which fine-tuning of diffusion models prefers. */
        public static final Settings DEFAULT = new Settings(1e-30, 1, false, 0);

        public Settings {
            if (!(epsilon > 0 && threshold > 0 && decay >= 0)) {
                throw new IllegalArgumentException("epsilon is " + epsilon + ", the threshold " + threshold
                        + " and weight decay " + decay + "; expected two above 0, and 0 or more");
            }
        }

        @Override
        public Adafactor begin(Parameters parameters) {
            return new Adafactor(parameters, this);
        }

        @Override
        public long remembered(Shape shape) {
            return shape.dimension() < 2 ? shape.size() : shape.get(0) + shape.size() / shape.get(0);
        }
    }

    /** An optimizer without a past. No scope may be open. */
    public Adafactor(Parameters parameters, Settings settings) {
        this.parameters = parameters;
        this.settings = settings;
        NDManager manager = parameters.manager();
        for (NDArray value : parameters.values()) {
            Shape shape = value.getShape();
            boolean matrix = shape.dimension() >= 2;
            rows.add(manager.zeros(new Shape(matrix ? shape.get(0) : 1)));
            columns.add(manager.zeros(new Shape(matrix ? shape.size() / shape.get(0) : shape.size())));
        }
        steps = manager.create(0f);
    }

    @Override
    public void step(double rate) {
        ParameterOps.add(List.of(steps), 1);
        double step = steps.getFloat();
        List<Double> rates =
                parameters.rates().stream().map(factor -> rate * factor).toList();
        ParameterOps.adafactor(
                parameters.values(),
                parameters.gradients(),
                rows,
                columns,
                rates,
                1 - Math.pow(step, -MEMORY),
                settings.epsilon,
                settings.threshold,
                settings.relative,
                settings.decay);
    }

    @Override
    public Map<String, NDArray> state() {
        ImmutableMap.Builder<String, NDArray> state = ImmutableMap.builder();
        int i = 0;
        for (String name : parameters.arrays().keySet()) {
            if (parameters.values().get(i).getShape().dimension() >= 2) {
                state.put("row." + name, rows.get(i));
            }
            state.put("column." + name, columns.get(i));
            i++;
        }
        return state.put("steps", steps).buildOrThrow();
    }
}
