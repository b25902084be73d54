package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.Levels;
import io.latent4j.schedulers.levels.ModelLevels;
import java.util.List;

/**
 * DPM++ 2M SDE and 3M SDE, as k-diffusion has them: multistep solvers of the diffusion's reverse stochastic equation
 * (equation 5 of <a href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</a> is the exact solution of a step). The
 * noise is that of one Brownian motion, whatever the number of steps. The first step is of first order, the second of
 * second order; so is a last step to {@link NoiseLevel#CLEAN} of first order, which draws none.
 *
 * <p>Limitations: 3M SDE counts the curvature of the outputs half, as k-diffusion does.
 *
 * @param order 2 or 3
 * @param type of the steps of second order
 * @param eta the share of the reverse equation's noise, 0 for none of it
 * @param sNoise what the noise is multiplied by beyond that; 1 keeps the distribution
 */
public record DpmSolverMultistepSde(Levels levels, int order, SolverType type, double eta, double sNoise)
        implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.SOLVER_KEYS
            .and(Keys.of("beta_schedule", "solver_type", "eta", "s_noise"))
            .and(Keys.THRESHOLDING);

    public DpmSolverMultistepSde {
        if (order < 2 || order > 3) {
            throw new IllegalArgumentException("the order is " + order + "; expected 2 or 3");
        }
        if (!(eta >= 0 && eta < Double.POSITIVE_INFINITY && sNoise >= 0 && sNoise <= AncestralNoise.MOST_SCALE)) {
            throw new IllegalArgumentException(
                    "eta is " + eta + " and s_noise " + sNoise + "; expected both 0 or more, s_noise up to 1000");
        }
    }

    public static Scheduler from2M(SchedulerConfig config) {
        return from(config, 2, DpmSolverMultistep.type(config));
    }

    public static Scheduler from2MHeun(SchedulerConfig config) {
        return from(config, 2, SolverType.HEUN);
    }

    public static Scheduler from3M(SchedulerConfig config) {
        return from(config, 3, SolverType.HEUN);
    }

    private static Scheduler from(SchedulerConfig config, int order, SolverType type) {
        Levels levels = DpmSolverMultistep.levels(config);
        double eta = config.number("eta").orElse(1);
        double sNoise = config.number("s_noise").orElse(1);
        return config.thresholded(config.made(() -> new DpmSolverMultistepSde(levels, order, type, eta, sNoise)));
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        List<NDArray> outputs =
                Multistep.outputs(model.predict(state.latents(), from).x0(), state.history());

        ExponentialStep step = ExponentialStep.ofData(from, to, eta);
        double[] moments = moments(step, Multistep.orderAt(plan, state.index(), order, false));
        double[] distances = Multistep.distances(plan, state.index(), moments.length);
        NDArray next = step.solve(state.latents(), moments, distances, outputs);
        double spread = step.spread() * sNoise;
        if (spread > 0) {
            next = next.add(noise.between(next, from.snr(), to.snr()).mul(spread));
        }
        return state.next(next, Multistep.newest(outputs, order - 1));
    }

    private double[] moments(ExponentialStep step, int order) {
        return switch (order) {
            case 1 -> step.moments(1);
            case 2 -> type.secondOrder(step);
            default -> new double[] {step.moment(0), step.moment(1), step.moment(2) / 2};
        };
    }

    @Override
    public DpmSolverMultistepSde withEta(double eta) {
        return new DpmSolverMultistepSde(levels, order, type, eta, sNoise);
    }
}
