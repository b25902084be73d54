package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.Optional;

/**
 * DPM-Solver++ for the diffusion's stochastic differential equation, with a midpoint: the one-step kin of SDE-DPM-Solver++
 * in <a href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</a>. A step to {@link NoiseLevel#CLEAN} is of first order
 * and draws no noise.
 *
 * <p>The noise is that of one Brownian motion ({@link NoiseSource#between}), so a seed gives like images at any number
 * of steps. Its time is {@code 1 / ratio²}: with η = 1 and a network that says the same {@code x0} all the way,
 * {@code x / (alpha · ratio²)} gains exactly the motion's increment.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 */
public record DpmSolverSdeScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas, AncestralNoise fresh)
        implements Scheduler {

    public static Scheduler from(SchedulerConfig config) {
        return new DpmSolverSdeScheduler(
                config.timetable(config.noiseWithSignal(), "linspace"),
                config.sigmaSpacing(),
                AncestralNoise.from(config));
    }

    @Override
    public Plan plan(Steps steps) {
        return timetable.plan(steps, sigmas);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NDArray x = state.latents();
        NDArray x0 = model.predict(x, from).x0();
        if (to.sigma() == 0) {
            return state.next(FlowStep.towardsData(x, x0, from, to));
        }
        NoiseLevel middle = FlowStep.middle(timetable.noise(), from, to);
        NDArray halfway = towards(x0, x, from, middle, noise);
        return state.next(towards(model.predict(halfway, middle).x0(), x, from, to, noise));
    }

    private NDArray towards(NDArray x0, NDArray x, NoiseLevel from, NoiseLevel to, NoiseSource noise) {
        NoiseLevel down = fresh.down(from, to);
        NDArray next = FlowStep.towardsData(x, x0, from, down);
        return fresh.up(next, down, to, () -> noise.between(next, from.snr(), to.snr()));
    }
}
