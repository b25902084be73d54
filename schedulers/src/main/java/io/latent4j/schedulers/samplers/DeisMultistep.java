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
import io.latent4j.schedulers.levels.FlowGrid;
import io.latent4j.schedulers.levels.Levels;
import io.latent4j.schedulers.levels.ModelLevels;
import io.latent4j.schedulers.levels.SolverLevels;
import java.util.List;
import java.util.Optional;

/**
 * Diffusion exponential integrator sampler, log-ρ Adams-Bashforth (logρAB-DEIS): equation 15 of <a
 * href="https://arxiv.org/abs/2204.13902">Zhang and Chen 2022</a>. The outputs eps of up to three steps are continued as
 * a polynomial in λ, −log ρ in the paper, and integrated exactly. The first step is of first order, the second of second
 * order at most; a last step to {@link NoiseLevel#CLEAN} is of first order.
 *
 * @param order 1 to 3
 * @param lowerOrderFinal whether the last two steps are of second and first order in runs below 15 steps
 */
public record DeisMultistep(Levels levels, int order, boolean lowerOrderFinal) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.SOLVER_KEYS
            .and(Keys.of("algorithm_type", "solver_type", "solver_order", "lower_order_final"))
            .and(Keys.THRESHOLDING);

    public DeisMultistep {
        DpmSolverMultistep.checkOrder(order);
    }

    public static Scheduler from(SchedulerConfig config) {
        config.supportsOnly("algorithm_type", "deis", "dpmsolver", "dpmsolver++");
        config.supportsOnly("solver_type", "logrho", "midpoint", "heun", "bh1", "bh2");
        Levels levels = levels(config);
        int order = config.integer("solver_order", 2);
        boolean lowerOrderFinal = config.flag("lower_order_final", true);
        return config.thresholded(config.made(() -> new DeisMultistep(levels, order, lowerOrderFinal)));
    }

    /** Those of a flow stand still in the last step. */
    private static Levels levels(SchedulerConfig config) {
        return ModelLevels.ofSolver(config, DeisMultistep::trained, FlowGrid.TO_DATA, c -> Optional.empty());
    }

    /** Levels that end at timestep 0, or spaced ones that stand still in the last step. */
    private static SolverLevels trained(SchedulerConfig config) {
        SolverLevels levels = SolverLevels.from(config);
        return levels.endingAt(Optional.of(levels.timetable().noise().level(0))
                .filter(end -> levels.sigmas().isEmpty()));
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NDArray x = state.latents();
        NDArray eps = DpmAlgorithm.DPM_SOLVER.output(model.predict(x, from), x, from);
        List<NDArray> outputs = Multistep.outputs(eps, state.history());

        ExponentialStep step =
                ExponentialStep.ofNoise(from, plan.stage(state.index()).to());
        int count = Multistep.orderAt(plan, state.index(), order, lowerOrderFinal && Multistep.isShort(plan));
        double[] distances = Multistep.distances(plan, state.index(), count);
        return state.next(step.solve(x, step.moments(count), distances, outputs), Multistep.newest(outputs, order - 1));
    }
}
