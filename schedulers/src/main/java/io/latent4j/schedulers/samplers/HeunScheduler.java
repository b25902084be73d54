package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.ClippedScheduler;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.Optional;

/**
 * Heun's method: algorithm 2 of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>. A step asks the network
 * at both its ends and takes the mean; a step to {@link NoiseLevel#CLEAN} is Euler's.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 */
public record HeunScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas, Churn churn) implements Scheduler {

    public HeunScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas) {
        this(timetable, sigmas, Churn.NONE);
    }

    public static Scheduler from(SchedulerConfig config) {
        Scheduler heun = new HeunScheduler(
                config.timetable(config.noiseWithSignal(), "linspace"), config.sigmaSpacing(), Churn.from(config));
        return config.clipping(false)
                .<Scheduler>map(clipping -> new ClippedScheduler(heun, clipping, true))
                .orElse(heun);
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
        return state.next(step(x, raised, to, model));
    }

    static NDArray step(NDArray x, NoiseLevel from, NoiseLevel to, Denoiser model) {
        NDArray first = model.predict(x, from).eps();
        NDArray end = FlowStep.alongNoise(x, first, from, to);
        if (to.sigma() == 0) {
            return end;
        }
        NDArray second = model.predict(end, to).eps();
        return FlowStep.alongNoise(x, first.add(second).div(2), from, to);
    }
}
