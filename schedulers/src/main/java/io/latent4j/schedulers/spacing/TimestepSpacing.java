package io.latent4j.schedulers.spacing;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which training timesteps a run visits: table 2 of <a href="https://arxiv.org/abs/2305.08891">Lin et al. 2023</a>.
 * Noisiest first; halves round to even.
 */
public enum TimestepSpacing {
    /** Whole strides up from the offset: rarely reaches the last timestep. */
    LEADING {
        @Override
        double[] timesteps(int steps, int trainTimesteps, int offset) {
            int stride = trainTimesteps / steps;
            return IntStream.range(0, steps)
                    .mapToDouble(i -> (steps - 1.0 - i) * stride + offset)
                    .toArray();
        }
    },
    /** Evenly from the last timestep to the first, with fractions; the offset has no part in it. */
    LINSPACE {
        @Override
        double[] timesteps(int steps, int trainTimesteps, int offset) {
            if (steps == 1) {
                return new double[] {0};
            }
            double stride = (trainTimesteps - 1.0) / (steps - 1);
            double[] timesteps = IntStream.range(0, steps)
                    .mapToDouble(i -> (steps - 1 - i) * stride)
                    .toArray();
            timesteps[0] = trainTimesteps - 1.0;
            return timesteps;
        }
    },
    /** Strides down from the last timestep, rounded; the offset has no part in it. */
    TRAILING {
        @Override
        double[] timesteps(int steps, int trainTimesteps, int offset) {
            double second = trainTimesteps - (double) trainTimesteps / steps;
            double stride = second - trainTimesteps; // as an arithmetic progression is filled from its first two values
            return IntStream.range(0, steps)
                    .mapToDouble(i -> Math.rint(trainTimesteps + i * stride) - 1)
                    .toArray();
        }

        @Override
        double[] timestepsBeforeEnd(int steps, int trainTimesteps, int offset) {
            return timesteps(steps, trainTimesteps, offset);
        }
    };

    /** {@code steps} timesteps of 0 to {@code trainTimesteps − 1}. */
    abstract double[] timesteps(int steps, int trainTimesteps, int offset);

    /** {@code steps} timesteps spaced as if the end of the run were one more of them, as DPM-Solver spaces them. */
    double[] timestepsBeforeEnd(int steps, int trainTimesteps, int offset) {
        return Arrays.copyOf(timesteps(steps + 1, trainTimesteps, offset), steps);
    }
}
