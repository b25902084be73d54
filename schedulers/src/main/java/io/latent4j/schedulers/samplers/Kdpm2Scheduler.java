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
import io.latent4j.schedulers.process.NoiseProcess;
import io.latent4j.schedulers.spacing.WholeTimesteps;

/**
 * The midpoint method, the midpoint being in λ as that of DPM-Solver-2 is (algorithm 1 of <a
 * href="https://arxiv.org/abs/2206.00927">Lu et al. 2022</a>), and the step a straight line in
 * the noise as in <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>. A step to
 * {@link NoiseLevel#CLEAN} is Euler's.
 */
public record Kdpm2Scheduler(Levels levels, Churn churn) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.keys(TrainedLevels.KEYS).and(Churn.KEYS);

    public Kdpm2Scheduler(Levels levels) {
        this(levels, Churn.NONE);
    }

    public static Scheduler from(SchedulerConfig config) {
        return new Kdpm2Scheduler(levels(config), Churn.from(config));
    }

    /** The reference implementation rounds the timesteps of Karras' spacing. */
    static Levels levels(SchedulerConfig config) {
        return ModelLevels.of(
                config,
                c -> TrainedLevels.from(
                        c,
                        c.spacing()
                                .sigmas()
                                .map(spacing -> c.spacing().isKarras() ? new WholeTimesteps(spacing) : spacing)));
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
        NDArray slope = process.slope(model.predict(x, from));
        if (to.sigma() == 0) {
            return process.along(x, slope, from, to);
        }
        NoiseLevel middle = process.middle(from, to);
        NDArray halfway = process.along(x, slope, from, middle);
        return process.along(x, process.slope(model.predict(halfway, middle)), from, to);
    }
}
