package io.latent4j.schedulers.spacing;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.List;

/** A spacing whose levels tell the network the nearest whole timesteps. */
public record WholeTimesteps(SigmaSpacing spacing) implements SigmaSpacing {

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
