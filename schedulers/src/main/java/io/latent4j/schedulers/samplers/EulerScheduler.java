package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.Levels;
import io.latent4j.schedulers.levels.ModelLevels;
import io.latent4j.schedulers.levels.TrainedLevels;

/**
 * Euler's method: algorithm 2 of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> without its
 * correction. On the same levels it is DDIM's deterministic step, and along a rectified flow the method of <a
 * href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>. Churned noise is added after the network was asked, as in
 * the reference implementation.
 */
public record EulerScheduler(Levels levels, Churn churn) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.keys(TrainedLevels.EULER_KEYS)
            .and(Keys.of("stochastic_sampling").on(ProcessKind.RECTIFIED_FLOW))
            .and(Churn.KEYS.only(config -> !isStochastic(config)));

    public EulerScheduler(Levels levels) {
        this(levels, Churn.NONE);
    }

    /** A flow whose file asks for stochastic sampling is noised anew in each step. */
    public static Scheduler from(SchedulerConfig config) {
        Levels levels = ModelLevels.of(config, TrainedLevels::ofEuler);
        return isStochastic(config)
                ? new EulerAncestralScheduler(levels, AncestralNoise.ANEW)
                : new EulerScheduler(levels, Churn.from(config));
    }

    private static boolean isStochastic(SchedulerConfig config) {
        return config.kind() == ProcessKind.RECTIFIED_FLOW && config.flag("stochastic_sampling", false);
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
