package io.latent4j.schedulers;

import io.latent4j.core.random.NoiseSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * Euler's method: algorithm 2 of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> without churn. On
 * the same levels it is DDIM's deterministic step.
 *
 * @param karras Karras spacing, if wanted
 * @param last where a run ends: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 */
public record EulerScheduler(Timetable timetable, Optional<Karras> karras, NoiseLevel last) implements Scheduler {

    static Scheduler from(SchedulerConfig config) {
        config.refuseFlags("use_exponential_sigmas", "use_beta_sigmas");
        config.supportsOnly("interpolation_type", "linear");
        config.supportsOnly("timestep_type", "discrete");
        Timetable timetable = config.timetable(config.noiseWithSignal(), "linspace");
        Karras karras = new Karras(config.number("sigma_min"), config.number("sigma_max"));
        return new EulerScheduler(
                timetable, Optional.of(karras).filter(k -> config.karras()), config.finalSigma(timetable));
    }

    @Override
    public Plan plan(int steps) {
        List<NoiseLevel> trained = levels(timetable, steps);
        double max = trained.get(0).ratio();
        double min = trained.get(trained.size() - 1).ratio();
        List<NoiseLevel> levels = new ArrayList<>(
                karras.map(k -> k.levels(timetable.noise(), steps, max, min)).orElse(trained));
        levels.add(last);
        return Plan.through(levels, initialScale(timetable, levels));
    }

    /** The levels of the timetable's timesteps, fractional ones interpolated. */
    static List<NoiseLevel> levels(Timetable timetable, int steps) {
        return DoubleStream.of(timetable.timesteps(steps))
                .mapToObj(t -> NoiseLevel.ofRatio(t, (float) timetable.noise().ratio(t)))
                .toList();
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
