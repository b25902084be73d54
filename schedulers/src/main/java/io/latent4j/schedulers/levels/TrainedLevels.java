package io.latent4j.schedulers.levels;

import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.Exponential;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The levels of methods that work at {@code x0 + ratio · eps}, for a model with a schedule of training timesteps: at
 * fractional timesteps, or spaced by sigma between the first and the last of those.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 * @param last where a run ends: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 * @param logLinear whether levels that are not spaced fall evenly in λ over the whole schedule, whatever timesteps the
 *     network is told; a run then ends at the schedule's least noise
 * @param continuous whether the network is told a quarter of the ratio's logarithm, and no timestep
 */
public record TrainedLevels(
        Timetable timetable, Optional<SigmaSpacing> sigmas, NoiseLevel last, boolean logLinear, boolean continuous)
        implements Levels {
    /** What {@link #from(SchedulerConfig)} reads. */
    public static final Keys KEYS = Keys.TIMETABLE.and(Keys.SPACING);

    /** What {@link #ofEuler} reads. */
    public static final Keys EULER_KEYS = KEYS.and(Keys.of("interpolation_type", "timestep_type", "final_sigmas_type"));

    public TrainedLevels(Timetable timetable, Optional<SigmaSpacing> sigmas, NoiseLevel last) {
        this(timetable, sigmas, last, false, false);
    }

    /** Levels spaced as the model's file says, to {@link NoiseLevel#CLEAN}. */
    public static TrainedLevels from(SchedulerConfig config) {
        return from(config, config.spacing().sigmas());
    }

    /** Levels spaced by {@code sigmas} where they are given, to {@link NoiseLevel#CLEAN}. */
    public static TrainedLevels from(SchedulerConfig config, Optional<SigmaSpacing> sigmas) {
        return new TrainedLevels(timetable(config), sigmas, NoiseLevel.CLEAN);
    }

    /** Levels as the reference implementation's Euler method has them, in all its ways. */
    public static TrainedLevels ofEuler(SchedulerConfig config) {
        config.supportsOnly("interpolation_type", "linear", "log_linear");
        config.supportsOnly("timestep_type", "discrete", "continuous");
        Timetable timetable = timetable(config);
        return new TrainedLevels(
                timetable,
                config.spacing().sigmas(),
                config.finalSigma(timetable),
                config.text("interpolation_type", "linear").equals("log_linear"),
                config.text("timestep_type", "discrete").equals("continuous")
                        && config.predictionType() == PredictionType.V_PREDICTION);
    }

    private static Timetable timetable(SchedulerConfig config) {
        return config.timetable(config.noiseWithSignal(), "linspace");
    }

    @Override
    public NoiseSchedule process() {
        return timetable.noise();
    }

    @Override
    public List<NoiseLevel> visited(Steps steps, LatentSize size) {
        List<NoiseLevel> levels = logLinear && sigmas.isEmpty() && !(steps instanceof Steps.Sigmas)
                ? logLinearLevels(steps)
                : spacedLevels(steps);
        return continuous ? inLogarithms(levels) : levels;
    }

    @Override
    public double initialScale(List<NoiseLevel> visited) {
        return timetable.initialScale(visited);
    }

    private List<NoiseLevel> spacedLevels(Steps steps) {
        List<NoiseLevel> levels = new ArrayList<>(timetable.levels(steps, sigmas));
        levels.add(timetable.end(steps, last));
        return levels;
    }

    private List<NoiseLevel> logLinearLevels(Steps steps) {
        NoiseSchedule noise = timetable.noise();
        double[] timesteps = timetable.timesteps(steps);
        double[] ratios =
                new Exponential().ratios(timesteps.length + 1, noise.ratio(noise.timesteps() - 1.0), noise.ratio(0.0));
        return IntStream.rangeClosed(0, timesteps.length)
                .mapToObj(i -> NoiseLevel.ofRatio(i < timesteps.length ? timesteps[i] : 0, (float) ratios[i]))
                .toList();
    }

    private static List<NoiseLevel> inLogarithms(List<NoiseLevel> levels) {
        return levels.stream()
                .map(level -> level.sigma() == 0
                        ? level
                        : new NoiseLevel((float) (Math.log(level.ratio()) / 4), level.alpha(), level.sigma()))
                .toList();
    }
}
