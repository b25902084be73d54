package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * DPM-Solver++(2M): algorithm 2 of <a href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</a>. The first step is of
 * first order, and so is a last step to {@link NoiseLevel#CLEAN}.
 *
 * @param sigmas how the levels are spaced over the whole schedule, where not by training timesteps; the network is told
 *     whole timesteps
 * @param last where a run ends: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 * @param lowerOrderFinal whether the last step is of first order in runs below 15 steps
 * @param eulerAtFinal whether the last step is of first order in every run
 */
public record DpmSolverPlusPlus2M(
        Timetable timetable,
        Optional<SigmaSpacing> sigmas,
        NoiseLevel last,
        boolean lowerOrderFinal,
        boolean eulerAtFinal)
        implements Scheduler {
    private static final int FEW_STEPS = 15;

    static Scheduler from(SchedulerConfig config) {
        refuseWhatIsMissing(config);
        Timetable timetable = config.timetable(config.noiseWithSignal(), "linspace");
        Scheduler solver = new DpmSolverPlusPlus2M(
                timetable,
                config.sigmaSpacing(),
                config.finalSigma(timetable),
                config.flag("lower_order_final", true),
                config.flag("euler_at_final", false));
        return config.thresholding()
                .<Scheduler>map(clipping -> new ClippedScheduler(solver, clipping))
                .orElse(solver);
    }

    private static void refuseWhatIsMissing(SchedulerConfig config) {
        config.supportsOnly("algorithm_type", "dpmsolver++", "deis");
        config.supportsOnly("solver_order", 2);
        config.supportsOnly("solver_type", "midpoint", "bh1", "bh2", "logrho");
        config.refuseFlags("use_lu_lambdas", "use_flow_sigmas", "use_exponential_sigmas", "use_beta_sigmas");
        double lambda = config.number("lambda_min_clipped").orElse(Double.NEGATIVE_INFINITY);
        if (lambda != Double.NEGATIVE_INFINITY) {
            throw config.error("lambda_min_clipped", lambda, "-Infinity");
        }
        String variance = config.text("variance_type", "");
        if (variance.startsWith("learned")) {
            throw config.error("variance_type", '"' + variance + '"', "null");
        }
        if (config.karras() && config.text("beta_schedule", "linear").equals("squaredcos_cap_v2")) {
            throw config.error("use_karras_sigmas", "true with beta_schedule \"squaredcos_cap_v2\"", "false");
        }
    }

    @Override
    public Plan plan(Steps steps) {
        List<NoiseLevel> levels =
                new ArrayList<>(sigmas.map(s -> spacedLevels(s, steps)).orElseGet(() -> trainedLevels(steps)));
        levels.add(last);
        for (int i = 1; i < steps.count(); i++) {
            if (levels.get(i - 1).sigma() <= levels.get(i).sigma()) {
                throw new IllegalArgumentException("steps is " + steps.count() + ", which visits timestep "
                        + levels.get(i).timestep() + " twice; expected fewer");
            }
        }
        return Plan.through(levels, 1);
    }

    private List<NoiseLevel> trainedLevels(Steps steps) {
        return IntStream.of(timetable.wholeTimestepsBeforeEnd(steps))
                .mapToObj(t -> NoiseLevel.ofRatio(t, timetable.noise().ratio((double) t)))
                .toList();
    }

    private List<NoiseLevel> spacedLevels(SigmaSpacing spacing, Steps steps) {
        timetable.stride(steps);
        NoiseSchedule noise = timetable.noise();
        return spacing.levels(noise, steps.count(), noise.ratio(noise.timesteps() - 1.0), noise.ratio(0.0)).stream()
                .map(level -> new NoiseLevel(Math.rint(level.timestep()), level.alpha(), level.sigma()))
                .toList();
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NDArray x0 = model.predict(state.latents(), from).x0();
        NDArray direction = x0;
        if (!state.history().isEmpty() && !endsInFirstOrder(plan, state.index())) {
            double h = to.lambda() - from.lambda();
            double before = from.lambda() - plan.stage(state.index() - 1).from().lambda();
            double ahead = h / (2 * before); // 1 / 2r
            direction = x0.mul(1 + ahead).sub(state.history().get(0).mul(ahead));
        }
        double shrink = to.sigma() / from.sigma();
        double gain = to.alpha() - from.alpha() * shrink; // α'(1 − e^−h), finite at σ' = 0 too
        return state.next(state.latents().mul(shrink).add(direction.mul(gain)), x0);
    }

    private boolean endsInFirstOrder(Plan plan, int index) {
        boolean few = plan.skipped() + plan.steps() < FEW_STEPS;
        return index == plan.steps() - 1
                && (eulerAtFinal
                        || (lowerOrderFinal && few)
                        || plan.stage(index).to().sigma() == 0);
    }
}
