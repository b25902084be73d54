package io.latent4j.schedulers;

import java.util.stream.DoubleStream;

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

    /** {@code steps} timesteps in float32, noisiest first. */
    double[] timesteps(int steps) {
        double[] timesteps = spacing.timesteps(check(steps), noise.timesteps(), stepsOffset);
        return DoubleStream.of(timesteps).map(t -> (float) t).toArray();
    }

    /** {@code steps} whole timesteps, noisiest first. */
    int[] wholeTimesteps(int steps) {
        return round(spacing.timesteps(check(steps), noise.timesteps(), stepsOffset));
    }

    /** {@code steps} whole timesteps, spaced as if the end of the run were one more of them. */
    int[] wholeTimestepsBeforeEnd(int steps) {
        return round(spacing.timestepsBeforeEnd(check(steps), noise.timesteps(), stepsOffset));
    }

    private static int[] round(double[] timesteps) {
        return DoubleStream.of(timesteps).mapToInt(t -> (int) Math.rint(t)).toArray();
    }

    /** The training timesteps in one step of a run. */
    int stride(int steps) {
        return noise.timesteps() / check(steps);
    }

    private int check(int steps) {
        if (steps < 1 || steps > noise.timesteps()) {
            throw new IllegalArgumentException("steps is " + steps + "; expected 1 to " + noise.timesteps()
                    + ", the timesteps the model was trained on");
        }
        return steps;
    }
}
