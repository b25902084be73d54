package io.latent4j.schedulers;

import io.latent4j.core.random.NoiseSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Euler's method: algorithm 2 of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> without churn. On
 * the same levels it is DDIM's deterministic step.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 * @param last where a run ends: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 */
public record EulerScheduler(Timetable timetable, Optional<SigmaSpacing> sigmas, NoiseLevel last) implements Scheduler {

    static Scheduler from(SchedulerConfig config) {
        config.supportsOnly("interpolation_type", "linear");
        config.supportsOnly("timestep_type", "discrete");
        Timetable timetable = config.timetable(config.noiseWithSignal(), "linspace");
        return new EulerScheduler(timetable, config.sigmaSpacing(), config.finalSigma(timetable));
    }

    @Override
    public Plan plan(Steps steps) {
        List<NoiseLevel> levels = new ArrayList<>(timetable.levels(steps, sigmas));
        levels.add(timetable.end(steps, last));
        return Plan.through(levels, initialScale(timetable, levels));
    }

    /** Runs that begin at the last timestep begin without signal, so with sigma and not 1 as the scale of the noise. */
    static double initialScale(Timetable timetable, List<NoiseLevel> levels) {
        return timetable.spacing() == TimestepSpacing.LEADING
                ? 1
                : levels.get(0).sigma();
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        Plan.Stage stage = plan.stage(state.index());
        return state.next(model.predict(state.latents(), stage.from()).at(stage.to()));
    }
}
