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
import io.latent4j.schedulers.levels.TrainedLevels;

/**
 * {@link Kdpm2Scheduler}'s steps to less noise than the next level has, the rest added fresh. No noise is drawn in a step
 * to {@link NoiseLevel#CLEAN}.
 */
public record Kdpm2AncestralScheduler(Levels levels, AncestralNoise fresh) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.keys(TrainedLevels.KEYS).and(AncestralNoise.KEYS);

    public static Scheduler from(SchedulerConfig config) {
        return new Kdpm2AncestralScheduler(Kdpm2Scheduler.levels(config), AncestralNoise.from(config));
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NoiseLevel down = fresh.down(levels.process(), from, to);
        NDArray next = Kdpm2Scheduler.step(levels.process(), state.latents(), from, down, model);
        return state.next(fresh.up(levels.process(), next, down, to, () -> noise.like(next)));
    }

    @Override
    public Kdpm2AncestralScheduler withEta(double eta) {
        return new Kdpm2AncestralScheduler(levels, fresh.withEta(eta));
    }
}
