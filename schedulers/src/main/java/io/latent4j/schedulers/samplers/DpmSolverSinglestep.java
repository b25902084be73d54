package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.FlowGrid;
import io.latent4j.schedulers.levels.Levels;
import io.latent4j.schedulers.levels.ModelLevels;
import io.latent4j.schedulers.levels.SolverLevels;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Singlestep DPM-Solver and DPM-Solver++ (2S, 3S): algorithms 1 and 2 of <a
 * href="https://arxiv.org/abs/2206.00927">Lu et al. 2022</a> and algorithm 1 of <a
 * href="https://arxiv.org/abs/2211.01095">DPM-Solver++</a>. Levels go by in groups of {@code order}, each of them one
 * call of the network and one step of the plan: the first step of a group is of first order, the second starts over
 * from the group's start with second order, the third with third. {@link Plan.Stage#from} is the start of the group.
 *
 * @param order 1 to 3
 * @param type of second-order steps; a third-order one of {@link SolverType#MIDPOINT} leaves out the group's second
 *     output
 * @param lowerOrderFinal whether a last step that would complete a group is of first order; one to
 *     {@link NoiseLevel#CLEAN} always is
 */
public record DpmSolverSinglestep(
        Levels levels, DpmAlgorithm algorithm, int order, SolverType type, boolean lowerOrderFinal)
        implements Scheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.SOLVER_KEYS
            .and(Keys.of("algorithm_type", "solver_order", "solver_type", "lower_order_final"))
            .and(Keys.THRESHOLDING);

    public DpmSolverSinglestep {
        DpmSolverMultistep.checkOrder(order);
        if (algorithm == DpmAlgorithm.SDE_DPM_SOLVER) {
            throw new IllegalArgumentException("algorithm_type is \"sde-dpmsolver\" for singlestep steps; expected one"
                    + " of dpmsolver++, dpmsolver, sde-dpmsolver++");
        }
    }

    public static Scheduler from(SchedulerConfig config) {
        return from(config, config.integer("solver_order", 2));
    }

    public static Scheduler from3S(SchedulerConfig config) {
        return from(config, 3);
    }

    private static Scheduler from(SchedulerConfig config, int order) {
        Levels levels = ModelLevels.ofSolver(
                config, c -> SolverLevels.from(c).linspace(), FlowGrid.TO_DATA, c -> Optional.of(c.finalFlowLevel()));
        DpmAlgorithm algorithm = DpmSolverMultistep.algorithm(config);
        SolverType type = DpmSolverMultistep.type(config);
        boolean lowerOrderFinal = config.flag("lower_order_final", false);
        return config.thresholded(
                config.made(() -> new DpmSolverSinglestep(levels, algorithm, order, type, lowerOrderFinal)));
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        return plan(steps, size, 0);
    }

    /** A run that starts within a group makes a smaller group of its rest. */
    @Override
    public Plan plan(Steps steps, LatentSize size, int first) {
        List<NoiseLevel> visited = levels.visited(steps, size);
        int count = visited.size() - 1;
        Plan.checkFirst(first, count);
        int[] orders = orders(count, visited.get(count).sigma() == 0);
        List<Plan.Stage> stages = IntStream.range(first, count)
                .mapToObj(i -> new Plan.Stage(
                        visited.get(i), visited.get(Math.max(first, i + 1 - orders[i])), visited.get(i + 1)))
                .toList();
        return new Plan(stages, first, 1);
    }

    private int[] orders(int count, boolean endsClean) {
        int[] orders = IntStream.range(0, count).map(i -> i % order + 1).toArray();
        if (endsClean || (lowerOrderFinal && orders[count - 1] == order)) {
            orders[count - 1] = 1;
        }
        return orders;
    }

    /** The history is the latents at the start of the group, and outputs, newest first. */
    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        Plan.Stage stage = plan.stage(state.index());
        NDArray x = state.latents();
        NDArray output = algorithm.output(model.predict(x, stage.at()), x, stage.at());
        boolean startsGroup = stage.at().equals(stage.from());
        NDArray start = startsGroup ? x : state.history().get(0);
        List<NDArray> outputs = startsGroup
                ? List.of(output)
                : Multistep.outputs(
                        output, state.history().subList(1, state.history().size()));

        NDArray next = move(plan, state.index(), start, outputs);
        if (algorithm.isStochastic()) {
            double spread = algorithm.step(stage.from(), stage.to()).spread();
            next = next.add(noise.like(next).mul(spread));
        }
        return state.next(next, Multistep.outputs(start, outputs));
    }

    private NDArray move(Plan plan, int index, NDArray start, List<NDArray> outputs) {
        Plan.Stage stage = plan.stage(index);
        ExponentialStep step = algorithm.step(stage.from(), stage.to());
        double[] distances = IntStream.range(0, outputs.size())
                .mapToDouble(
                        i -> plan.stage(index - i).at().lambda() - stage.from().lambda())
                .toArray();
        if (outputs.size() < 3) {
            double[] moments = outputs.size() == 1 ? step.moments(1) : type.secondOrder(step);
            return step.solve(start, moments, distances, outputs);
        }
        if (type == SolverType.MIDPOINT) {
            double[] ends = {distances[0], distances[2]};
            return step.solve(start, step.moments(2), ends, List.of(outputs.get(0), outputs.get(2)));
        }
        double[] moments = {step.moment(0), step.moment(1), 2 * algorithm.halfCurvature(step)};
        return step.solve(start, moments, distances, outputs);
    }
}
