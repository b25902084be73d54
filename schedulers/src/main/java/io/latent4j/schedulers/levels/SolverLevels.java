package io.latent4j.schedulers.levels;

import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.SpacingName;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The noise levels that DPM-Solver and its kin visit: at whole training timesteps, spaced as if the end of the run were
 * one more of them; or spaced by sigma over the whole schedule, where the network is told whole timesteps nearby.
 *
 * @param sigmas how the levels are spaced, where not by training timesteps
 * @param roundsDown whether the timestep told is the one below a level, not the nearest
 * @param last where a run ends; empty for a run that ends where its last step begins, so that this changes nothing
 */
public record SolverLevels(
        Timetable timetable, Optional<SigmaSpacing> sigmas, boolean roundsDown, Optional<NoiseLevel> last)
        implements Levels {
    /** What {@link #from} reads. */
    public static final Keys KEYS = Keys.of("use_dynamic_shifting", "lambda_min_clipped", "final_sigmas_type")
            .and(Keys.TIMETABLE)
            .and(Keys.SPACING);

    private static final Set<SpacingName> ROUNDED_DOWN = Set.of(SpacingName.EXPONENTIAL, SpacingName.BETA);

    /** Levels at training timesteps, to {@code last}. */
    public SolverLevels(Timetable timetable, NoiseLevel last) {
        this(timetable, Optional.empty(), false, Optional.of(last));
    }

    public static SolverLevels from(SchedulerConfig config) {
        config.refuseFlags("use_dynamic_shifting");
        Timetable whole = config.timetable(config.noiseWithSignal(), "linspace");
        double lambdaMin = config.number("lambda_min_clipped").orElse(Double.NEGATIVE_INFINITY);
        NoiseSchedule clipped = config.made(() -> whole.noise().withLambdaFrom(lambdaMin));
        Optional<SigmaSpacing> sigmas = config.spacing().sigmas();
        return new SolverLevels(
                sigmas.isPresent() ? whole : new Timetable(clipped, whole.spacing(), whole.stepsOffset()),
                sigmas,
                config.spacing().name().filter(ROUNDED_DOWN::contains).isPresent(),
                Optional.of(config.finalSigma(whole)));
    }

    /** These levels, at timesteps evenly from the last to the first where they are not spaced by sigma. */
    public SolverLevels linspace() {
        Timetable linspace = new Timetable(timetable.noise(), TimestepSpacing.LINSPACE, timetable.stepsOffset());
        return new SolverLevels(linspace, sigmas, roundsDown, last);
    }

    public SolverLevels roundedDown() {
        return new SolverLevels(timetable, sigmas, true, last);
    }

    public SolverLevels endingAt(Optional<NoiseLevel> last) {
        return new SolverLevels(timetable, sigmas, roundsDown, last);
    }

    @Override
    public NoiseSchedule process() {
        return timetable.noise();
    }

    @Override
    public List<NoiseLevel> visited(Steps steps, LatentSize size) {
        List<NoiseLevel> levels = new ArrayList<>(starts(steps));
        for (int i = 1; i < levels.size(); i++) {
            if (levels.get(i - 1).sigma() <= levels.get(i).sigma()) {
                throw new IllegalArgumentException("steps is " + steps.count() + ", which visits timestep "
                        + levels.get(i).timestep() + " twice; expected fewer");
            }
        }
        levels.add(timetable.end(steps, last.orElse(levels.get(levels.size() - 1))));
        return levels;
    }

    private List<NoiseLevel> starts(Steps steps) {
        if (sigmas.isEmpty() && !(steps instanceof Steps.Sigmas)) {
            return IntStream.of(timetable.wholeTimestepsBeforeEnd(steps))
                    .mapToObj(t -> NoiseLevel.ofRatio(t, timetable.noise().ratio((double) t)))
                    .toList();
        }
        if (!(steps instanceof Steps.Count)) {
            return timetable.levels(steps, sigmas).stream()
                    .map(level -> NoiseLevel.ofRatio(whole(level.timestep()), level.ratio()))
                    .toList();
        }
        timetable.stride(steps); // refuses more steps than there are timesteps
        NoiseSchedule noise = timetable.noise();
        double max = noise.ratio(noise.timesteps() - 1.0);
        return DoubleStream.of(sigmas.get().ratios(steps.count(), max, noise.ratio(0.0)))
                .mapToObj(ratio -> NoiseLevel.ofRatio(whole(noise.timestep(ratio)), (float) ratio))
                .toList();
    }

    private double whole(double timestep) {
        return roundsDown ? Math.floor(timestep) : Math.rint(timestep);
    }
}
