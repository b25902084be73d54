package io.latent4j.schedulers.spacing;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The training timesteps a run may visit and how it picks among them.
 *
 * @param stepsOffset added to every timestep of {@link TimestepSpacing#LEADING} spacing; Stable Diffusion has 1
 */
public record Timetable(NoiseSchedule noise, TimestepSpacing spacing, int stepsOffset) {

    public Timetable {
        if (stepsOffset < 0) {
            throw new IllegalArgumentException("steps_offset is " + stepsOffset + "; expected 0 or more");
        }
    }

    /** The timesteps of {@code steps} in float32, noisiest first. */
    public double[] timesteps(Steps steps) {
        double[] timesteps =
                own(steps).orElseGet(() -> spacing.timesteps(check(steps.count()), noise.timesteps(), stepsOffset));
        return DoubleStream.of(timesteps).map(t -> (float) t).toArray();
    }

    /** The timesteps of {@code steps}, whole ones, noisiest first. */
    public int[] wholeTimesteps(Steps steps) {
        return round(
                own(steps).orElseGet(() -> spacing.timesteps(check(steps.count()), noise.timesteps(), stepsOffset)));
    }

    /** The timesteps of {@code steps}, whole ones, spaced as if the end of the run were one more of them. */
    public int[] wholeTimestepsBeforeEnd(Steps steps) {
        return round(own(steps)
                .orElseGet(() -> spacing.timestepsBeforeEnd(check(steps.count()), noise.timesteps(), stepsOffset)));
    }

    /**
     * The levels a run begins its steps at, as samplers that work at {@code x0 + ratio · eps} place them: at fractional
     * timesteps, or between the first and last of those by {@code sigmas}. Sigmas that a user listed are kept exactly.
     */
    public List<NoiseLevel> levels(Steps steps, Optional<SigmaSpacing> sigmas) {
        if (steps instanceof Steps.Sigmas list) {
            return list.sigmas().stream()
                    .limit(list.count())
                    .map(sigma -> NoiseLevel.ofRatio((float) noise.timestep(sigma), sigma.floatValue()))
                    .toList();
        }
        if (steps instanceof Steps.Timesteps && sigmas.isPresent()) {
            throw new IllegalArgumentException("the run has a list of timesteps and the scheduler a spacing of sigmas;"
                    + " expected one of them: turn the spacing off");
        }
        List<NoiseLevel> levels = DoubleStream.of(timesteps(steps))
                .mapToObj(t -> NoiseLevel.ofRatio(t, (float) noise.ratio(t)))
                .toList();
        double max = levels.get(0).ratio();
        double min = levels.get(levels.size() - 1).ratio();
        return sigmas.map(s -> s.levels(noise, steps.count(), max, min)).orElse(levels);
    }

    /**
     * The levels of a run at whole timesteps, the last one included: at {@code last}, or where the user's list of sigmas
     * ends.
     */
    public List<NoiseLevel> wholePath(Steps steps, NoiseLevel last) {
        List<NoiseLevel> levels = new ArrayList<>(
                steps instanceof Steps.Sigmas
                        ? levels(steps, Optional.empty())
                        : IntStream.of(wholeTimesteps(steps))
                                .mapToObj(noise::level)
                                .toList());
        levels.add(end(steps, last));
        for (int i = 1; i < levels.size(); i++) {
            if (levels.get(i).sigma() >= levels.get(i - 1).sigma()) {
                throw new IllegalArgumentException("the run goes from timestep "
                        + levels.get(i - 1).timestep() + " to " + levels.get(i).timestep()
                        + ", where there is no less noise; expected whole timesteps that fall");
            }
        }
        return levels;
    }

    /** Where a run ends: at the last sigma a user listed, else at {@code last}. */
    public NoiseLevel end(Steps steps, NoiseLevel last) {
        if (!(steps instanceof Steps.Sigmas list)) {
            return last;
        }
        double sigma = list.sigmas().get(list.count());
        return sigma == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofRatio((float) noise.timestep(sigma), (float) sigma);
    }

    /** Runs that begin at the last timestep begin without signal, so with sigma and not 1 as the scale of the noise. */
    public double initialScale(List<NoiseLevel> levels) {
        return spacing == TimestepSpacing.LEADING ? 1 : levels.get(0).sigma();
    }

    /** The timesteps a user listed, or those of the sigmas a user listed. */
    private Optional<double[]> own(Steps steps) {
        if (steps instanceof Steps.Timesteps list) {
            double first = list.timesteps().get(0);
            if (first > noise.timesteps() - 1.0) {
                throw new IllegalArgumentException("the list of timesteps begins with " + first + "; expected at most "
                        + (noise.timesteps() - 1) + ", the last the model was trained on");
            }
            return Optional.of(list.timesteps().stream().mapToDouble(t -> t).toArray());
        }
        if (steps instanceof Steps.Sigmas list) {
            return Optional.of(list.sigmas().stream()
                    .limit(list.count())
                    .mapToDouble(noise::timestep)
                    .toArray());
        }
        return Optional.empty();
    }

    private static int[] round(double[] timesteps) {
        return DoubleStream.of(timesteps).mapToInt(t -> (int) Math.rint(t)).toArray();
    }

    /** The training timesteps in one step of a run. */
    public int stride(Steps steps) {
        return noise.timesteps() / check(steps.count());
    }

    private int check(int steps) {
        if (steps < 1 || steps > noise.timesteps()) {
            throw new IllegalArgumentException("steps is " + steps + "; expected 1 to " + noise.timesteps()
                    + ", the timesteps the model was trained on");
        }
        return steps;
    }
}
