package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableMap;
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
import java.util.Map;
import java.util.Optional;

/**
 * Multistep DPM-Solver and DPM-Solver++: algorithm 2 of <a href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</a>,
 * and its relatives of other orders, for eps, and with noise. The first step is of first order, the second of second
 * order at most; a last step to {@link NoiseLevel#CLEAN} is of first order.
 *
 * <p>DPM++ 2M, the best known of them, is this with {@link DpmAlgorithm#DPM_SOLVER_PLUS_PLUS}, order 2 and
 * {@link SolverType#MIDPOINT}. In the paper's words, with {@code h} the length of a step in λ, the network's clean data
 * {@code x0} at the step's start and {@code x0'} at the start of the step before, which was {@code h'} long:
 *
 * <pre>{@code
 * r = h' / h
 * D = (1 + 1 / (2 r)) x0 - 1 / (2 r) x0'
 * x_next = sigma_next / sigma x - alpha_next (exp(-h) - 1) D
 * }</pre>
 *
 * In the code below, {@code ExponentialStep} holds {@code sigma_next / sigma} and {@code -alpha_next (exp(-h) - 1)} as
 * its {@code keep} and {@code gain}. {@code D} is the line through {@code x0'} and {@code x0}, taken in the middle of the
 * step: {@code x0 + h / 2 · (x0 - x0') / h'}.
 *
 * <p>Limitations: third order counts the curvature of the outputs half, as the authors' code and the reference
 * implementation do, so its error falls as that of second order.
 *
 * @param order 1 to 3
 * @param type of the steps of second order
 * @param lowerOrderFinal whether the last two steps are of second and first order in runs below 15 steps
 * @param eulerAtFinal whether the last step is of first order in every run
 */
public record DpmSolverMultistep(
        Levels levels,
        DpmAlgorithm algorithm,
        int order,
        SolverType type,
        boolean lowerOrderFinal,
        boolean eulerAtFinal)
        implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.SOLVER_KEYS
            .and(Keys.of(
                    "algorithm_type",
                    "beta_schedule",
                    "solver_order",
                    "solver_type",
                    "lower_order_final",
                    "euler_at_final"))
            .and(Keys.THRESHOLDING);

    private static final Map<String, DpmAlgorithm> ALGORITHMS = ImmutableMap.of(
            "dpmsolver++", DpmAlgorithm.DPM_SOLVER_PLUS_PLUS,
            "deis", DpmAlgorithm.DPM_SOLVER_PLUS_PLUS,
            "dpmsolver", DpmAlgorithm.DPM_SOLVER,
            "sde-dpmsolver", DpmAlgorithm.SDE_DPM_SOLVER,
            "sde-dpmsolver++", DpmAlgorithm.SDE_DPM_SOLVER_PLUS_PLUS);
    private static final Map<String, SolverType> TYPES = ImmutableMap.of(
            "midpoint", SolverType.MIDPOINT,
            "heun", SolverType.HEUN,
            "bh1", SolverType.MIDPOINT,
            "bh2", SolverType.MIDPOINT,
            "logrho", SolverType.MIDPOINT);

    public DpmSolverMultistep {
        checkOrder(order);
        if (algorithm == DpmAlgorithm.SDE_DPM_SOLVER && order == 3) {
            throw new IllegalArgumentException("solver_order is 3 with algorithm_type \"sde-dpmsolver\"; expected 1 or"
                    + " 2, or algorithm_type \"sde-dpmsolver++\"");
        }
    }

    static void checkOrder(int order) {
        if (order < 1 || order > 3) {
            throw new IllegalArgumentException("solver_order is " + order + "; expected 1 to 3");
        }
    }

    public static Scheduler from(SchedulerConfig config) {
        return from(config, algorithm(config), config.integer("solver_order", 2));
    }

    public static Scheduler from3M(SchedulerConfig config) {
        return from(config, DpmAlgorithm.DPM_SOLVER_PLUS_PLUS, 3);
    }

    public static Scheduler ofNoise(SchedulerConfig config) {
        return from(config, DpmAlgorithm.DPM_SOLVER, config.integer("solver_order", 2));
    }

    private static Scheduler from(SchedulerConfig config, DpmAlgorithm algorithm, int order) {
        Levels levels = levels(config);
        SolverType type = type(config);
        boolean lowerOrderFinal = config.flag("lower_order_final", true);
        boolean eulerAtFinal = config.flag("euler_at_final", false);
        return config.thresholded(config.made(
                () -> new DpmSolverMultistep(levels, algorithm, order, type, lowerOrderFinal, eulerAtFinal)));
    }

    static Levels levels(SchedulerConfig config) {
        return ModelLevels.ofSolver(
                config, DpmSolverMultistep::trained, FlowGrid.TO_DATA, c -> Optional.of(c.finalFlowLevel()));
    }

    /** As the reference implementation tells timesteps: rounded down wherever the schedule is the squared cosine. */
    private static SolverLevels trained(SchedulerConfig config) {
        SolverLevels levels = SolverLevels.from(config);
        return config.text("beta_schedule", "").equals("squaredcos_cap_v2") ? levels.roundedDown() : levels;
    }

    static DpmAlgorithm algorithm(SchedulerConfig config) {
        return config.choice("algorithm_type", "dpmsolver++", ALGORITHMS);
    }

    static SolverType type(SchedulerConfig config) {
        return config.choice("solver_type", "midpoint", TYPES);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NDArray x = state.latents();
        NDArray output = algorithm.output(model.predict(x, from), x, from);
        List<NDArray> outputs = Multistep.outputs(output, state.history());

        ExponentialStep step = algorithm.step(from, plan.stage(state.index()).to());
        double[] moments = moments(step, orderAt(plan, state.index()));
        NDArray next = step.solve(x, moments, Multistep.distances(plan, state.index(), moments.length), outputs);
        if (algorithm.isStochastic()) {
            next = next.add(noise.like(next).mul(step.spread()));
        }
        return state.next(next, Multistep.newest(outputs, order - 1));
    }

    private int orderAt(Plan plan, int index) {
        return eulerAtFinal && index == plan.steps() - 1
                ? 1
                : Multistep.orderAt(plan, index, order, lowerOrderFinal && Multistep.isShort(plan));
    }

    private double[] moments(ExponentialStep step, int order) {
        return switch (order) {
            case 1 -> step.moments(1);
            case 2 -> type.secondOrder(step);
            default -> new double[] {step.moment(0), step.moment(1), algorithm.halfCurvature(step)};
        };
    }
}
