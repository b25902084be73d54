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
import java.util.Optional;

/**
 * {@link Kdpm2Scheduler}'s steps to less noise than the next level has, the rest added fresh. No noise is drawn in a step
 * to {@link NoiseLevel#CLEAN}.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 */
public record Kdpm2AncestralScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas, AncestralNoise fresh)
        implements Scheduler {

    public static Scheduler from(SchedulerConfig config) {
        return new Kdpm2AncestralScheduler(
                config.timetable(config.noiseWithSignal(), "linspace"),
                Kdpm2Scheduler.spacing(config),
                AncestralNoise.from(config));
    }

    @Override
    public Plan plan(Steps steps) {
        return timetable.plan(steps, sigmas);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NoiseLevel down = fresh.down(from, to);
        NDArray next = Kdpm2Scheduler.step(state.latents(), from, down, timetable.noise(), model);
        return state.next(fresh.up(next, down, to, () -> noise.like(next)));
    }
}
