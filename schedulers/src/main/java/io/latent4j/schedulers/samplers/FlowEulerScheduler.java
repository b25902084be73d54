package io.latent4j.schedulers.samplers;

import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.FlowSchedule;
import java.util.List;

/**
 * Euler's method along a rectified flow: <a href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>. Sigmas of
 * one's own are shares of noise here, 1 at most.
 *
 * <p>Limitations: shifting by the image's size, inverted and stochastic sampling.
 */
public record FlowEulerScheduler(FlowSchedule noise) implements Scheduler {

    public static Scheduler from(SchedulerConfig config) {
        config.refuseFlags("use_dynamic_shifting", "invert_sigmas", "stochastic_sampling");
        config.number("shift_terminal").ifPresent(end -> {
            throw config.error("shift_terminal", end, "null");
        });
        return new FlowEulerScheduler(config.flow("shift"));
    }

    @Override
    public Plan plan(Steps steps) {
        return Plan.through(levels(steps), 1);
    }

    private List<NoiseLevel> levels(Steps steps) {
        if (steps instanceof Steps.Timesteps) {
            throw new IllegalArgumentException(
                    "a flow has no list of timesteps; expected a number of steps or a list of sigmas from 1 to 0");
        }
        return steps instanceof Steps.Sigmas list
                ? list.sigmas().stream().map(noise::level).toList()
                : noise.path(steps.count());
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        Plan.Stage stage = plan.stage(state.index());
        return state.next(model.predict(state.latents(), stage.from()).at(stage.to()));
    }
}
