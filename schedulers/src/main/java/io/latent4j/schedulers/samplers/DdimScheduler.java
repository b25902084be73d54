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
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;

/**
 * Denoising diffusion implicit models: equation 12 of <a href="https://arxiv.org/abs/2010.02502">Song et al. 2020</a>.
 * A step goes down by the stride of the run even where the spacing's next timestep is another. A variance that the
 * network tells has no part in it.
 *
 * @param last where a run ends: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 * @param eta 0 for the deterministic sampler, 1 for DDPM's variance
 */
public record DdimScheduler(Timetable timetable, NoiseLevel last, double eta) implements Scheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS =
            Keys.of("set_alpha_to_one", "eta").and(Keys.TIMETABLE).and(Keys.clipping(true));

    public DdimScheduler {
        if (!(eta >= 0 && eta <= 1)) {
            throw new IllegalArgumentException("eta is " + eta + "; expected 0 to 1");
        }
    }

    public static Scheduler from(SchedulerConfig config) {
        Timetable timetable = config.timetable(config.noise(), "leading");
        config.refuseNoSignal(timetable);
        NoiseLevel last = config.alphaToOne(timetable, true);
        double eta = config.number("eta").orElse(0);
        return config.clipped(new DdimScheduler(timetable, last, eta), true);
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        if (!(steps instanceof Steps.Count)) {
            return Plan.through(timetable.wholePath(steps, last), 1);
        }
        NoiseSchedule noise = timetable.noise();
        int stride = timetable.stride(steps);
        List<Plan.Stage> stages = new ArrayList<>();
        for (int t : timetable.wholeTimesteps(steps)) {
            stages.add(Plan.Stage.of(noise.level(t), t < stride ? last : noise.level(t - stride)));
        }
        return new Plan(stages, 0, 1);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        Prediction p = model.predict(state.latents(), from);
        if (eta == 0) {
            return state.next(p.at(to));
        }
        double ratio = from.alpha() / to.alpha();
        double std = eta * to.sigma() / from.sigma() * Math.sqrt(1 - ratio * ratio); // equation 16
        double rest = Math.sqrt(Math.max(0, to.sigma() * to.sigma() - std * std));
        NDArray next = p.x0().mul(to.alpha()).add(p.eps().mul(rest));
        return state.next(next.add(noise.like(next).mul(std)));
    }

    @Override
    public DdimScheduler withEta(double eta) {
        return new DdimScheduler(timetable, last, eta);
    }

    @Override
    public boolean renoises() {
        return true;
    }
}
