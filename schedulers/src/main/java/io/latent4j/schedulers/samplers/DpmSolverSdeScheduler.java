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
 * DPM-Solver++ for the diffusion's stochastic differential equation, with a midpoint: the one-step kin of SDE-DPM-Solver++
 * in <a href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</a>. A step to {@link NoiseLevel#CLEAN} is of first order
 * and draws no noise.
 *
 * <p>The noise is that of one Brownian motion ({@link NoiseSource#between}), so a seed gives like images at any number
 * of steps. Its time is {@code 1 / ratio²}: with η = 1 and a network that says the same {@code x0} all the way,
 * {@code x / (alpha · ratio²)} gains exactly the motion's increment.
 */
public record DpmSolverSdeScheduler(Levels levels, AncestralNoise fresh) implements SpacedScheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = ModelLevels.keys(TrainedLevels.KEYS).and(AncestralNoise.KEYS);

    public static Scheduler from(SchedulerConfig config) {
        return new DpmSolverSdeScheduler(ModelLevels.of(config, TrainedLevels::from), AncestralNoise.from(config));
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NDArray x = state.latents();
        NDArray x0 = model.predict(x, from).x0();
        if (to.sigma() == 0) {
            return state.next(NoiseProcess.towardsData(x, x0, from, to));
        }
        NoiseLevel middle = levels.process().middle(from, to);
        NDArray halfway = towards(x0, x, from, middle, noise);
        return state.next(towards(model.predict(halfway, middle).x0(), x, from, to, noise));
    }

    private NDArray towards(NDArray x0, NDArray x, NoiseLevel from, NoiseLevel to, NoiseSource noise) {
        NoiseLevel down = fresh.down(levels.process(), from, to);
        NDArray next = NoiseProcess.towardsData(x, x0, from, down);
        return fresh.up(levels.process(), next, down, to, () -> noise.between(next, from.snr(), to.snr()));
    }

    @Override
    public DpmSolverSdeScheduler withEta(double eta) {
        return new DpmSolverSdeScheduler(levels, fresh.withEta(eta));
    }
}
