package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Trajectory consistency distillation: strategic stochastic sampling, algorithm 4 of <a
 * href="https://arxiv.org/abs/2402.19159">Zheng et al. 2024</a>. A step goes along the trajectory to less noise than the
 * next level has, and is noised up to it. A run ends at the level of timestep 0.
 *
 * @param eta the paper's γ: 0 for no fresh noise, 1 for fresh noise only
 */
public record TcdScheduler(DistilledTimetable timetable, double eta) implements Scheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = Keys.of("eta").and(DistilledTimetable.KEYS);

    private static final double ETA = 0.3;

    public TcdScheduler {
        if (!(eta >= 0 && eta <= 1)) {
            throw new IllegalArgumentException("eta is " + eta + "; expected 0 to 1");
        }
    }

    public static Scheduler from(SchedulerConfig config) {
        return new TcdScheduler(
                DistilledTimetable.from(config), config.number("eta").orElse(ETA));
    }

    @Override
    public boolean fewSteps() {
        return true;
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        List<NoiseLevel> levels = new ArrayList<>(timetable.levels(steps));
        levels.add(timetable.noise().level(0));
        return Plan.through(levels, 1);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel to = plan.stage(state.index()).to();
        NoiseLevel below = timetable.noise().level((int) ((float) (1 - eta) * (float) to.timestep()));
        NDArray reached =
                model.predict(state.latents(), plan.stage(state.index()).from()).at(below);
        if (eta == 0 || state.index() == plan.steps() - 1) {
            return state.next(reached);
        }
        double kept = to.alpha() / below.alpha();
        double added = Math.sqrt(1 - kept * kept);
        return state.next(reached.mul(kept).add(noise.like(reached).mul(added)));
    }

    @Override
    public TcdScheduler withEta(double eta) {
        return new TcdScheduler(timetable, eta);
    }
}
