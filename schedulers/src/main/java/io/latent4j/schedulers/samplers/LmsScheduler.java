package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Linear multistep: the method of Adams and Bashforth on the levels as they are spaced. A step takes the noise on its way
 * to be the polynomial in {@link NoiseLevel#ratio()} through what the network said at the last levels.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 * @param order how many of the network's answers a step takes in, 1 to 4; the first steps have fewer
 */
public record LmsScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas, int order) implements Scheduler {
    private static final int MAX_ORDER = 4;

    public LmsScheduler {
        if (order < 1 || order > MAX_ORDER) {
            throw new IllegalArgumentException("order is " + order + "; lms expected 1 to " + MAX_ORDER);
        }
    }

    public static Scheduler from(SchedulerConfig config) {
        return new LmsScheduler(
                config.timetable(config.noiseWithSignal(), "linspace"),
                config.sigmaSpacing(),
                config.integer("order", MAX_ORDER));
    }

    @Override
    public Plan plan(Steps steps) {
        return timetable.plan(steps, sigmas);
    }

    /** The history is earlier noise, newest first. */
    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        Plan.Stage stage = plan.stage(state.index());
        List<NDArray> outputs = new ArrayList<>(state.history());
        outputs.add(0, model.predict(state.latents(), stage.from()).eps());
        double[] ratios = new double[outputs.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = plan.stage(state.index() - i).from().ratio();
        }
        double[] weights = weights(ratios, stage.to().ratio());
        NDArray mean = outputs.get(0).mul(weights[0]);
        for (int i = 1; i < weights.length; i++) {
            mean = mean.add(outputs.get(i).mul(weights[i]));
        }
        NDArray next = FlowStep.alongNoise(state.latents(), mean, stage.from(), stage.to());
        return state.next(next, outputs.subList(0, Math.min(order - 1, outputs.size())));
    }

    /**
     * What to weigh values at {@code ratios}, newest first, with for the mean, from the first of them to {@code end}, of
     * the polynomial through them.
     */
    static double[] weights(double[] ratios, double end) {
        double length = end - ratios[0];
        double[] weights = new double[ratios.length];
        for (int i = 0; i < ratios.length; i++) {
            double[] basis = {1}; // Lagrange's, in v = (ratio − ratios[0]) / length, the power 0 first
            for (int j = 0; j < ratios.length; j++) {
                if (j != i) {
                    double root = (ratios[j] - ratios[0]) / length;
                    basis = timesLinear(basis, root, length / (ratios[i] - ratios[j]));
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
