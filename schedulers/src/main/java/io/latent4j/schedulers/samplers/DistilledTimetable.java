package io.latent4j.schedulers.samplers;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The timesteps of models distilled to few steps: a run picks among those the distillation used. They are even, the last
 * training timestep among them (section 4.3 of <a href="https://arxiv.org/abs/2310.04378">Luo et al. 2023</a>).
 *
 * @param originalSteps how many timesteps the distillation used
 * @param strength the share of those, from the clean end, that a run may visit; 1 for runs from noise
 */
record DistilledTimetable(NoiseSchedule noise, int originalSteps, double strength) {

    DistilledTimetable {
        if (originalSteps < 1 || originalSteps > noise.timesteps()) {
            throw new IllegalArgumentException("original_inference_steps is " + originalSteps + "; expected 1 to "
                    + noise.timesteps() + ", the timesteps the model was trained on");
        }
        if (!(strength > 0 && strength <= 1)) {
            throw new IllegalArgumentException("strength is " + strength + "; expected above 0, 1 at most");
        }
    }

    /** What {@link #from} reads. */
    static final Keys KEYS = Keys.of("original_inference_steps", "strength").and(Keys.STRETCHING);

    static DistilledTimetable from(SchedulerConfig config) {
        config.refuseNoSignalAtTheEnd();
        return new DistilledTimetable(
                config.noise(),
                config.integer("original_inference_steps", 50),
                config.number("strength").orElse(1));
    }

    /** Where each step of a run begins, noisiest first. */
    List<NoiseLevel> levels(Steps steps) {
        if (steps instanceof Steps.Sigmas) {
            throw new IllegalArgumentException("a distilled model visits whole timesteps, and no list of sigmas;"
                    + " expected a number of steps or a list of timesteps");
        }
        return IntStream.of(steps instanceof Steps.Timesteps list ? listed(list) : spaced(steps.count()))
                .mapToObj(noise::level)
                .toList();
    }

    private int[] listed(Steps.Timesteps list) {
        int[] whole =
                list.timesteps().stream().mapToInt(t -> (int) Math.rint(t)).toArray();
        int first = whole.length - (int) (whole.length * strength);
        return IntStream.of(whole).skip(first).toArray();
    }

    private int[] spaced(int steps) {
        int stride = noise.timesteps() / originalSteps;
        int known = (int) (originalSteps * strength);
        if (steps < 1 || steps > known) {
            throw new IllegalArgumentException("steps is " + steps + "; expected 1 to " + known
                    + ", the part of original_inference_steps (" + originalSteps + ") that strength " + strength
                    + " leaves");
        }
        double skip = (double) known / steps;
        return IntStream.range(0, steps)
                .map(i -> (known - (int) (i * skip)) * stride - 1)
                .toArray();
    }
}
