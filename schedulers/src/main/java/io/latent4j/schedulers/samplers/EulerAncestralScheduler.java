package io.latent4j.schedulers.samplers;

import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.Levels;
import io.latent4j.schedulers.levels.ModelLevels;
import io.latent4j.schedulers.levels.TrainedLevels;

/**
 * Euler steps to less noise than the next level has, the rest added fresh: ancestral sampling (appendix B of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> derives the split). Noise is drawn each step, the
 * last too, unless there is to be none.
 */
public record EulerAncestralScheduler(Levels levels, AncestralNoise fresh) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS =
            ModelLevels.keys(Keys.TIMETABLE.and(Keys.CHOSEN_SPACING)).and(AncestralNoise.KEYS);

    /** The reference implementation's class has no flags of spacing, so those of a file made for another do not count. */
    public static Scheduler from(SchedulerConfig config) {
        return new EulerAncestralScheduler(
                ModelLevels.of(config, c -> TrainedLevels.from(c, c.spacing().chosen())), AncestralNoise.from(config));
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        Prediction p = model.predict(state.latents(), from);
        return state.next(fresh.step(levels.process(), p, from, to, () -> noise.like(state.latents())));
    }

    @Override
    public boolean renoises() {
        return true;
    }

    @Override
    public EulerAncestralScheduler withEta(double eta) {
        return new EulerAncestralScheduler(levels, fresh.withEta(eta));
    }
}
