package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Euler steps to less noise than the next level has, the rest added fresh: ancestral sampling (appendix B of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> derives the split). Noise is drawn each step, the
 * last too.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 */
public record EulerAncestralScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas) implements Scheduler {

    public EulerAncestralScheduler(Timetable timetable) {
        this(timetable, Optional.empty());
    }

    /** The reference implementation's class has no flags of spacing, so those of a file made for another do not count. */
    public static Scheduler from(SchedulerConfig config) {
        return new EulerAncestralScheduler(
                config.timetable(config.noiseWithSignal(), "linspace"), config.chosenSpacing());
    }

    @Override
    public Plan plan(Steps steps) {
        List<NoiseLevel> levels = new ArrayList<>(timetable.levels(steps, sigmas));
        levels.add(timetable.end(steps, NoiseLevel.CLEAN));
        return Plan.through(levels, timetable.initialScale(levels));
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        Prediction p = model.predict(state.latents(), from);

        double shrink = to.ratio() / from.ratio();
        double up = to.sigma() * Math.sqrt(Math.max(0, 1 - shrink * shrink));
        double down = to.sigma() * shrink; // up² + down² = sigma²
        NDArray next = p.x0().mul(to.alpha()).add(p.eps().mul(down));
        return state.next(next.add(noise.like(next).mul(up)));
    }

    @Override
    public boolean renoises() {
        return true;
    }
}
