package io.latent4j.schedulers;

import java.util.List;
import java.util.Optional;

/** A spacing whose levels tell the network the nearest whole timesteps. */
record WholeTimesteps(SigmaSpacing spacing) implements SigmaSpacing {

    /** How noise levels are spaced for the methods that the reference implementation rounds Karras timesteps for. */
    static Optional<SigmaSpacing> underKarras(SchedulerConfig config) {
        return config.sigmaSpacing().map(spacing -> config.karras() ? new WholeTimesteps(spacing) : spacing);
    }

    @Override
    public double[] ratios(int steps, double max, double min) {
        return spacing.ratios(steps, max, min);
    }

    @Override
    public List<NoiseLevel> levels(NoiseSchedule noise, int steps, double max, double min) {
        return spacing.levels(noise, steps, max, min).stream()
                .map(level -> new NoiseLevel(Math.rint(level.timestep()), level.alpha(), level.sigma()))
                .toList();
    }
}
