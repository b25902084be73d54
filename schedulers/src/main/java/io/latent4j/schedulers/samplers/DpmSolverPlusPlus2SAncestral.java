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

/**
 * DPM-Solver++(2S), algorithm 1 of <a href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</a> with its midpoint halfway
 * in λ, in steps to less noise than the next level has, the rest added fresh. A step to {@link NoiseLevel#CLEAN} is of
 * first order and draws no noise.
 */
public record DpmSolverPlusPlus2SAncestral(Levels levels, AncestralNoise fresh) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.keys(TrainedLevels.KEYS).and(AncestralNoise.KEYS);

    public static Scheduler from(SchedulerConfig config) {
        return new DpmSolverPlusPlus2SAncestral(
                ModelLevels.of(config, TrainedLevels::from), AncestralNoise.from(config));
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NoiseLevel down = fresh.down(levels.process(), from, to);
        NDArray next = step(state.latents(), from, down, model);
        return state.next(fresh.up(levels.process(), next, down, to, () -> noise.like(next)));
    }

    private NDArray step(NDArray x, NoiseLevel from, NoiseLevel to, Denoiser model) {
        NDArray x0 = model.predict(x, from).x0();
        if (to.sigma() == 0) {
            return NoiseProcess.towardsData(x, x0, from, to);
        }
        NoiseLevel middle = levels.process().middle(from, to);
        NDArray halfway = NoiseProcess.towardsData(x, x0, from, middle);
        return NoiseProcess.towardsData(x, model.predict(halfway, middle).x0(), from, to);
    }

    @Override
    public DpmSolverPlusPlus2SAncestral withEta(double eta) {
        return new DpmSolverPlusPlus2SAncestral(levels, fresh.withEta(eta));
    }
}
