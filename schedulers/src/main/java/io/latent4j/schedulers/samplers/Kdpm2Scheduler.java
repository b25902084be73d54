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
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import io.latent4j.schedulers.spacing.WholeTimesteps;
import java.util.Optional;

/**
 * The midpoint method, the midpoint being in λ as that of DPM-Solver-2 is (algorithm 1 of <a
 * href="https://arxiv.org/abs/2206.00927">Lu et al. 2022</a>), and the step a straight line in
 * {@link NoiseLevel#ratio()} as in <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>. A step to
 * {@link NoiseLevel#CLEAN} is Euler's.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 */
public record Kdpm2Scheduler(Timetable timetable, Optional<SigmaSpacing> sigmas, Churn churn) implements Scheduler {

    public Kdpm2Scheduler(Timetable timetable, Optional<SigmaSpacing> sigmas) {
        this(timetable, sigmas, Churn.NONE);
    }

    public static Scheduler from(SchedulerConfig config) {
        return new Kdpm2Scheduler(
                config.timetable(config.noiseWithSignal(), "linspace"), spacing(config), Churn.from(config));
    }

    /** How levels are spaced: the reference implementation rounds the timesteps of Karras' spacing. */
    static Optional<SigmaSpacing> spacing(SchedulerConfig config) {
        return config.sigmaSpacing().map(spacing -> config.karras() ? new WholeTimesteps(spacing) : spacing);
    }

    @Override
    public Plan plan(Steps steps) {
        return timetable.plan(steps, sigmas);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NoiseLevel raised = churn.raised(from, plan.skipped() + plan.steps(), timetable.noise());
        NDArray x = churn.raise(state.latents(), from, raised, noise);
        return state.next(step(x, raised, to, timetable.noise(), model));
    }

    static NDArray step(NDArray x, NoiseLevel from, NoiseLevel to, NoiseSchedule schedule, Denoiser model) {
        NDArray eps = model.predict(x, from).eps();
        if (to.sigma() == 0) {
            return FlowStep.alongNoise(x, eps, from, to);
        }
        NoiseLevel middle = FlowStep.middle(schedule, from, to);
        NDArray halfway = FlowStep.alongNoise(x, eps, from, middle);
        return FlowStep.alongNoise(x, model.predict(halfway, middle).eps(), from, to);
    }
}
