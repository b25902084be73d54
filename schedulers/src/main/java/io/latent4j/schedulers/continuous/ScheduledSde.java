package io.latent4j.schedulers.continuous;

import io.latent4j.core.config.Counted;
import io.latent4j.schedulers.process.NoiseSchedule;

/**
 * The variance-preserving SDE through the noise levels a model was trained with, from its first timestep, which has a little
 * noise, to its last. λ, half the log signal-to-noise ratio, falls evenly in time, so everything is smooth; between two
 * training timesteps the network is told a fraction.
 *
 * @param noise of two timesteps or more, the last of them with some signal
 */
public record ScheduledSde(NoiseSchedule noise) implements Sde {

    public ScheduledSde {
        if (noise.timesteps() < 2 || noise.level(noise.timesteps() - 1).alpha() == 0) {
            throw new IllegalArgumentException("the schedule has " + Counted.of(noise.timesteps(), "timestep")
                    + ", the last of signal "
                    + noise.level(noise.timesteps() - 1).alpha()
                    + "; expected 2 or more and some signal: do not stretch it to zero terminal SNR");
        }
    }

    /** The slope of log scale, whose derivative by λ is std². */
    @Override
    public double drift(double t) {
        return (lambda(noise.timesteps() - 1) - lambda(0)) * std(t) * std(t);
    }

    @Override
    public double diffusion(double t) {
        return Math.sqrt(-2 * drift(t));
    }

    @Override
    public double scale(double t) {
        return 1 / Math.sqrt(1 + Math.exp(-2 * lambda(t)));
    }

    @Override
    public double std(double t) {
        return 1 / Math.sqrt(1 + Math.exp(2 * lambda(t)));
    }

    @Override
    public double timestep(double t) {
        double lambda = lambda(t);
        int below = 0;
        int above = noise.timesteps() - 1;
        while (above - below > 1) {
            int middle = (below + above) / 2;
            if (lambda(middle) >= lambda) {
                below = middle;
            } else {
                above = middle;
            }
        }
        return below + (lambda(below) - lambda) / (lambda(below) - lambda(above));
    }

    @Override
    public double earliest() {
        return 0;
    }

    @Override
    public double priorStd() {
        return 1;
    }

    private double lambda(double t) {
        return lambda(0) * (1 - t) + lambda(noise.timesteps() - 1) * t;
    }

    private double lambda(int timestep) {
        return noise.level(timestep).lambda();
    }
}
