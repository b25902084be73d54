package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.Exponential;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Euler's method: algorithm 2 of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> without its
 * correction. On the same levels it is DDIM's deterministic step. Churned noise is added after the network was asked, as
 * in the reference implementation.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 * @param last where a run ends: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 * @param logLinear whether levels fall evenly in λ over the whole schedule, whatever timesteps the network is told; a run
 *     then ends at the schedule's least noise
 * @param continuous whether the network is told a quarter of the ratio's logarithm, and no timestep
 */
public record EulerScheduler(
        Timetable timetable,
        Optional<SigmaSpacing> sigmas,
        NoiseLevel last,
        boolean logLinear,
        boolean continuous,
        Churn churn)
        implements Scheduler {

    public EulerScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas, NoiseLevel last) {
        this(timetable, sigmas, last, false, false, Churn.NONE);
    }

    public static Scheduler from(SchedulerConfig config) {
        config.supportsOnly("interpolation_type", "linear", "log_linear");
        config.supportsOnly("timestep_type", "discrete", "continuous");
        Timetable timetable = config.timetable(config.noiseWithSignal(), "linspace");
        return new EulerScheduler(
                timetable,
                config.sigmaSpacing(),
                config.finalSigma(timetable),
                config.text("interpolation_type", "linear").equals("log_linear"),
                config.text("timestep_type", "discrete").equals("continuous")
                        && config.predictionType() == PredictionType.V_PREDICTION,
                Churn.from(config));
    }

    @Override
    public Plan plan(Steps steps) {
        List<NoiseLevel> levels = logLinear && sigmas.isEmpty() && !(steps instanceof Steps.Sigmas)
                ? logLinearLevels(steps)
                : spacedLevels(steps);
        return Plan.through(continuous ? inLogarithms(levels) : levels, timetable.initialScale(levels));
    }

    private List<NoiseLevel> spacedLevels(Steps steps) {
        List<NoiseLevel> levels = new ArrayList<>(timetable.levels(steps, sigmas));
        levels.add(timetable.end(steps, last));
        return levels;
    }

    private List<NoiseLevel> logLinearLevels(Steps steps) {
        NoiseSchedule noise = timetable.noise();
        double[] timesteps = timetable.timesteps(steps);
        double[] ratios =
                new Exponential().ratios(timesteps.length + 1, noise.ratio(noise.timesteps() - 1.0), noise.ratio(0.0));
        return IntStream.rangeClosed(0, timesteps.length)
                .mapToObj(i -> NoiseLevel.ofRatio(i < timesteps.length ? timesteps[i] : 0, (float) ratios[i]))
                .toList();
    }

    private static List<NoiseLevel> inLogarithms(List<NoiseLevel> levels) {
        return levels.stream()
                .map(level -> level.sigma() == 0
                        ? level
                        : new NoiseLevel((float) (Math.log(level.ratio()) / 4), level.alpha(), level.sigma()))
                .toList();
    }

    @Override
    public boolean renoises() {
        return true;
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        Prediction p = model.predict(state.latents(), from);
        double share = churn.share(from.ratio(), plan.skipped() + plan.steps());
        if (share == 0) {
            return state.next(p.at(to));
        }
        double removed = to.sigma() - to.alpha() * share * from.ratio();
        double added = to.alpha() * churn.noise() * from.ratio() * Math.sqrt(share * (share + 2));
        NDArray next = p.x0().mul(to.alpha()).add(p.eps().mul(removed));
        return state.next(next.add(noise.like(next).mul(added)));
    }
}
