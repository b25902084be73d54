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
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.FlowLevels;
import java.util.ArrayList;
import java.util.List;

/**
 * Latent consistency models: algorithm 3 of <a href="https://arxiv.org/abs/2310.04378">Luo et al. 2023</a>. Each step
 * tells the clean latents and noises them anew for the next level; the last one leaves them clean.
 *
 * @param timestepScaling how fast the consistency function leaves the identity at timestep 0; 10 as a rule
 */
public record LcmScheduler(DistilledTimetable timetable, double timestepScaling) implements Scheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = Keys.of("timestep_scaling")
            .and(DistilledTimetable.KEYS)
            .and(Keys.clipping(false))
            .on(ProcessKind.TRAINED_SCHEDULE)
            .and(FlowLevels.KEYS.on(ProcessKind.RECTIFIED_FLOW));

    private static final double DATA_STD = 0.5;

    public LcmScheduler {
        if (!(timestepScaling >= 0 && timestepScaling < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "timestep_scaling is " + timestepScaling + "; expected 0 or more and finite, 10 as a rule");
        }
    }

    /** In a flow each step noises the predicted data anew, as in the reference implementation. */
    public static Scheduler from(SchedulerConfig config) {
        if (config.kind() == ProcessKind.RECTIFIED_FLOW) {
            return new EulerAncestralScheduler(FlowLevels.from(config), AncestralNoise.ANEW);
        }
        double scaling = config.number("timestep_scaling").orElse(10);
        return config.clipped(new LcmScheduler(DistilledTimetable.from(config), scaling), false);
    }

    @Override
    public boolean fewSteps() {
        return true;
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        List<NoiseLevel> levels = new ArrayList<>(timetable.levels(steps));
        levels.add(NoiseLevel.CLEAN);
        return Plan.through(levels, 1);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NDArray x0 = model.predict(state.latents(), from).x0();

        double time = from.timestep() * timestepScaling;
        double norm = Math.hypot(time, DATA_STD);
        double skip = DATA_STD * DATA_STD / (norm * norm);
        NDArray clean = x0.mul(time / norm).add(state.latents().mul(skip)); // equation 9
        return state.next(to.sigma() == 0 ? clean : to.mix(clean, noise.like(clean)));
    }
}
