package io.latent4j.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.ops.ParameterOps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * AdamW over all of a model's parameters at once: algorithm 2 of <a href="https://arxiv.org/abs/1711.05101">Loshchilov
 * &amp; Hutter 2019</a>. Its state, two arrays a parameter, belongs to the parameters' manager.
 */
public final class AdamW implements Optimizer {
    private final Parameters parameters;
    private final Settings settings;
    private final List<NDArray> means = new ArrayList<>();
    private final List<NDArray> squares = new ArrayList<>();
    private final List<NDArray> steps = new ArrayList<>();

    /**
     * What does not change during a run.
     *
     * @param beta1 how much of the gradients' mean is kept a step, 0 to below 1
     * @param beta2 how much of the mean of their squares is kept
     * @param epsilon added to the root of the squares' mean
     * @param decay how much of a parameter is taken away a step, times the learning rate
     */
    public record Settings(double beta1, double beta2, double epsilon, double decay) implements Optimizer.Settings {
        /** What the reference implementation's scripts take. */
        public static final Settings DEFAULT = new Settings(0.9, 0.999, 1e-8, 0.01);

        public Settings {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw new IllegalArgumentException(
                        "betas are " + beta1 + " and " + beta2 + "; expected each 0 to below 1");
            }
            if (!(epsilon > 0 && decay >= 0)) {
                throw new IllegalArgumentException(
                        "epsilon is " + epsilon + " and weight decay " + decay + "; expected above 0, and 0 or more");
            }
        }

        @Override
        public AdamW begin(Parameters parameters) {
            return new AdamW(parameters, this);
        }

        @Override
        public long remembered(Shape shape) {
            return 2 * shape.size();
        }
    }

    /** An optimizer without a past. No scope may be open. */
    public AdamW(Parameters parameters, Settings settings) {
        this.parameters = parameters;
        this.settings = settings;
        NDManager manager = parameters.manager();
        for (NDArray value : parameters.values()) {
            means.add(value.zerosLike());
            squares.add(value.zerosLike());
            steps.add(manager.create(0f));
        }
    }

    @Override
    public void step(double rate) {
        parameters.rates().stream().distinct().forEach(factor -> step(rate * factor, factor));
    }

    /** Moves those parameters whose rate is multiplied by {@code factor}. */
    private void step(double rate, double factor) {
        ParameterOps.adamW(
                those(factor, parameters.values()),
                those(factor, parameters.gradients()),
                those(factor, means),
                those(factor, squares),
                those(factor, steps),
                rate,
                settings.beta1,
                settings.beta2,
                settings.decay,
                settings.epsilon);
    }

    private List<NDArray> those(double factor, List<NDArray> all) {
        return IntStream.range(0, all.size())
                .filter(i -> parameters.rates().get(i) == factor)
                .mapToObj(all::get)
                .toList();
    }

    @Override
    public Map<String, NDArray> state() {
        ImmutableMap.Builder<String, NDArray> state = ImmutableMap.builder();
        int i = 0;
        for (String name : parameters.arrays().keySet()) {
            state.put("mean." + name, means.get(i));
            state.put("square." + name, squares.get(i));
            state.put("step." + name, steps.get(i));
            i++;
        }
        return state.buildOrThrow();
    }
}
