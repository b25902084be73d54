package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.FlowGrid;
import io.latent4j.schedulers.levels.Levels;
import io.latent4j.schedulers.levels.ModelLevels;
import io.latent4j.schedulers.levels.SolverLevels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Unified predictor-corrector: algorithms 1 and 2 of <a href="https://arxiv.org/abs/2302.04867">Zhao et al. 2023</a>. A
 * step corrects the latents it is given by the output at them, which costs no further call of the network, and predicts
 * from there. The first steps are of lower order, and so is a last step to {@link NoiseLevel#CLEAN}.
 *
 * @param order of the predictor, 1 to 3
 * @param type what a single difference of outputs is weighed with
 * @param predictX0 whether the outputs are x0; else they are eps
 * @param lowerOrderFinal whether the order falls to 1 towards the last step
 * @param disableCorrector the steps, numbered from 0, whose results are not corrected
 */
public record UniPcMultistep(
        Levels levels,
        int order,
        UniPcType type,
        boolean predictX0,
        boolean lowerOrderFinal,
        Set<Integer> disableCorrector)
        implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.SOLVER_KEYS
            .and(Keys.of("solver_order", "solver_type", "predict_x0", "lower_order_final", "disable_corrector"))
            .and(Keys.THRESHOLDING);

    private static final Map<String, UniPcType> TYPES = ImmutableMap.of(
            "bh1", UniPcType.BH1,
            "bh2", UniPcType.BH2,
            "midpoint", UniPcType.BH2,
            "heun", UniPcType.BH2,
            "logrho", UniPcType.BH2);

    public UniPcMultistep {
        disableCorrector = Set.copyOf(disableCorrector);
        DpmSolverMultistep.checkOrder(order);
    }

    public static Scheduler from(SchedulerConfig config) {
        Levels levels = levels(config);
        int order = config.integer("solver_order", 2);
        UniPcType type = config.choice("solver_type", "bh2", TYPES);
        boolean predictX0 = config.flag("predict_x0", true);
        boolean lowerOrderFinal = config.flag("lower_order_final", true);
        Set<Integer> disableCorrector = config.numbers("disable_corrector").stream()
                .map(Double::intValue)
                .collect(Collectors.toSet());
        return config.thresholded(config.made(
                () -> new UniPcMultistep(levels, order, type, predictX0, lowerOrderFinal, disableCorrector)));
    }

    /** Those of a flow that do not end without noise stand still in the last step. */
    private static Levels levels(SchedulerConfig config) {
        return ModelLevels.ofSolver(
                config,
                UniPcMultistep::trained,
                FlowGrid.FROM_A_TRACE_OF_DATA,
                c -> Optional.of(c.finalFlowLevel()).filter(NoiseLevel.CLEAN::equals));
    }

    /** Spaced levels that do not end without noise stand still in the last step. */
    private static SolverLevels trained(SchedulerConfig config) {
        SolverLevels levels = SolverLevels.from(config);
        return levels.endingAt(levels.last()
                .filter(end -> end.equals(NoiseLevel.CLEAN) || levels.sigmas().isEmpty()));
    }

    /** The history is where the last step went from, and outputs, newest first. */
    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        int index = state.index();
        Prediction p = model.predict(state.latents(), plan.stage(index).from());
        NDArray output = predictX0 ? p.x0() : p.eps();
        if (index == 0) {
            return predict(plan, state, state.latents(), List.of(output));
        }
        List<NDArray> before = state.history().subList(1, state.history().size());
        NDArray x = disableCorrector.contains(plan.skipped() + index - 1)
                ? state.latents()
                : correct(plan, index - 1, state.history().get(0), before, output);
        return predict(plan, state, x, Multistep.outputs(output, before));
    }

    /** UniC: step {@code index} once more from {@code x}, with the output at its end. */
    private NDArray correct(Plan plan, int index, NDArray x, List<NDArray> before, NDArray output) {
        ExponentialStep step = step(plan, index);
        int count = Multistep.orderAt(plan, index, order, lowerOrderFinal);
        double[] distances = DoubleStream.concat(
                        Arrays.stream(Multistep.distances(plan, index, count)), DoubleStream.of(step.h()))
                .toArray();
        List<NDArray> outputs =
                Stream.concat(before.stream().limit(count), Stream.of(output)).toList();
        return step.solve(x, moments(step, count + 1), distances, outputs);
    }

    /** UniP. */
    private SamplerState predict(Plan plan, SamplerState state, NDArray x, List<NDArray> outputs) {
        ExponentialStep step = step(plan, state.index());
        int count = Multistep.orderAt(plan, state.index(), order, lowerOrderFinal);
        double[] distances = Multistep.distances(plan, state.index(), count);
        NDArray next = step.solve(x, moments(step, count), distances, outputs);
        return state.next(next, Multistep.outputs(x, Multistep.newest(outputs, order)));
    }

    private ExponentialStep step(Plan plan, int index) {
        Plan.Stage stage = plan.stage(index);
        return predictX0
                ? ExponentialStep.ofData(stage.from(), stage.to(), 0)
                : ExponentialStep.ofNoise(stage.from(), stage.to());
    }

    /** The weights that equation 5 determines, or, for a single difference, those that B(h) does. */
    private double[] moments(ExponentialStep step, int count) {
        return count == 2 ? type.secondOrder(step) : step.moments(count);
    }
}
