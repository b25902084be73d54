package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.Levels;
import io.latent4j.schedulers.levels.ModelLevels;
import io.latent4j.schedulers.levels.TrainedLevels;
import io.latent4j.schedulers.process.NoiseProcess;
import java.util.ArrayList;
import java.util.List;

/**
 * Linear multistep: the method of Adams and Bashforth on the levels as they are spaced. A step takes the slope of the
 * flow on its way to be the polynomial in sigma through what the network said at the last levels.
 *
 * @param order how many of the network's answers a step takes in, 1 to 4; the first steps have fewer
 */
public record LmsScheduler(Levels levels, int order) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.keys(TrainedLevels.KEYS).and(Keys.of("order"));

    private static final int MAX_ORDER = 4;

    public LmsScheduler {
        if (order < 1 || order > MAX_ORDER) {
            throw new IllegalArgumentException("order is " + order + "; lms expected 1 to " + MAX_ORDER);
        }
    }

    public static Scheduler from(SchedulerConfig config) {
        return new LmsScheduler(ModelLevels.of(config, TrainedLevels::from), config.integer("order", MAX_ORDER));
    }

    /** The history is earlier slopes, newest first. */
    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseProcess process = levels.process();
        Plan.Stage stage = plan.stage(state.index());
        List<NDArray> outputs = new ArrayList<>(state.history());
        outputs.add(0, process.slope(model.predict(state.latents(), stage.from())));
        double[] sigmas = new double[outputs.size()];
        for (int i = 0; i < sigmas.length; i++) {
            sigmas[i] = process.sigma(plan.stage(state.index() - i).from());
        }
        double[] weights = weights(sigmas, process.sigma(stage.to()));
        NDArray mean = outputs.get(0).mul(weights[0]);
        for (int i = 1; i < weights.length; i++) {
            mean = mean.add(outputs.get(i).mul(weights[i]));
        }
        NDArray next = process.along(state.latents(), mean, stage.from(), stage.to());
        return state.next(next, outputs.subList(0, Math.min(order - 1, outputs.size())));
    }

    /**
     * What to weigh values at {@code sigmas}, newest first, with for the mean, from the first of them to {@code end}, of
     * the polynomial through them.
     */
    static double[] weights(double[] sigmas, double end) {
        double length = end - sigmas[0];
        double[] weights = new double[sigmas.length];
        for (int i = 0; i < sigmas.length; i++) {
            double[] basis = {1}; // Lagrange's, in v = (sigma − sigmas[0]) / length, the power 0 first
            for (int j = 0; j < sigmas.length; j++) {
                if (j != i) {
                    double root = (sigmas[j] - sigmas[0]) / length;
                    basis = timesLinear(basis, root, length / (sigmas[i] - sigmas[j]));
                }
            }
            for (int power = 0; power < basis.length; power++) {
                weights[i] += basis[power] / (power + 1); // ∫ v^power from 0 to 1
            }
        }
        return weights;
    }

    /** The coefficients of {@code polynomial · (v − root) · factor}. */
    private static double[] timesLinear(double[] polynomial, double root, double factor) {
        double[] product = new double[polynomial.length + 1];
        for (int power = 0; power < polynomial.length; power++) {
            product[power] -= polynomial[power] * root * factor;
            product[power + 1] += polynomial[power] * factor;
        }
        return product;
    }
}
