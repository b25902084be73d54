package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.ClippedScheduler;
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
import io.latent4j.schedulers.process.NoiseProcess;

/**
 * Heun's method: algorithm 2 of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>. A step asks the network
 * at both its ends and takes the mean; a step to {@link NoiseLevel#CLEAN} is Euler's.
 */
public record HeunScheduler(Levels levels, Churn churn) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.keys(TrainedLevels.KEYS)
            .and(Churn.KEYS)
            .and(Keys.of("clip_sample"))
            .when(config -> config.flag("clip_sample", false), "clip_sample_range");

    public HeunScheduler(Levels levels) {
        this(levels, Churn.NONE);
    }

    public static Scheduler from(SchedulerConfig config) {
        Scheduler heun = new HeunScheduler(ModelLevels.of(config, TrainedLevels::from), Churn.from(config));
        return config.clipping(false)
                .<Scheduler>map(clipping -> new ClippedScheduler(heun, clipping, true))
                .orElse(heun);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NoiseLevel raised = churn.raised(from, plan.skipped() + plan.steps(), levels.process());
        NDArray x = churn.raise(levels.process(), state.latents(), from, raised, noise);
        return state.next(step(levels.process(), x, raised, to, model));
    }

    static NDArray step(NoiseProcess process, NDArray x, NoiseLevel from, NoiseLevel to, Denoiser model) {
        NDArray first = process.slope(model.predict(x, from));
        NDArray end = process.along(x, first, from, to);
        if (to.sigma() == 0) {
            return end;
        }
        NDArray second = process.slope(model.predict(end, to));
        return process.along(x, first.add(second).div(2), from, to);
    }
}
