package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.DdpmVariance;
import io.latent4j.schedulers.spacing.Timetable;

/**
 * Denoising diffusion probabilistic models: algorithm 2 of <a href="https://arxiv.org/abs/2006.11239">Ho et al.
 * 2020</a>, with strides as in <a href="https://arxiv.org/abs/2102.09672">Nichol and Dhariwal 2021</a>. Noise is drawn
 * each step but one from timestep 0.
 */
public record DdpmScheduler(Timetable timetable, DdpmVariance variance) implements Scheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = Keys.of("variance_type").and(Keys.TIMETABLE).and(Keys.clipping(true));

    public static Scheduler from(SchedulerConfig config) {
        Timetable timetable = config.timetable(config.noise(), "leading");
        config.refuseNoSignal(timetable);
        return config.clipped(new DdpmScheduler(timetable, config.ddpmVariance()), true);
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        return Plan.through(timetable.wholePath(steps, NoiseLevel.CLEAN), 1);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        Prediction p = model.predict(state.latents(), from);

        double ratio = from.alpha() / to.alpha();
        double beta = 1 - ratio * ratio;
        double share = to.sigma() / from.sigma();
        double ofClean = to.alpha() * beta / (from.sigma() * from.sigma());
        NDArray mean = p.x0().mul(ofClean).add(state.latents().mul(ratio * share * share)); // equation 7
        if (from.timestep() == 0) {
            return state.next(mean);
        }
        NDArray std = variance.std(from, to, p.variance(), mean);
        return state.next(mean.add(noise.like(mean).mul(std)));
    }
}
