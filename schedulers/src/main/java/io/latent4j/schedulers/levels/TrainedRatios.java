package io.latent4j.schedulers.levels;

import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import java.util.Arrays;

/**
 * A flow's sigmas with the noise to signal that {@code spacing} gives a schedule of training timesteps: how the reference's
 * multistep solvers space the levels of a flow, wherever those lay before.
 *
 * @param noise the schedule that the model's file describes, or that of its defaults
 */
record TrainedRatios(SigmaSpacing spacing, NoiseSchedule noise) implements SigmaSpacing {

    @Override
    public double[] ratios(int steps, double max, double min) {
        double most = noise.ratio(noise.timesteps() - 1.0);
        return Arrays.stream(spacing.ratios(steps, most, noise.ratio(0.0)))
                .map(ratio -> ratio / (1 + ratio))
                .toArray();
    }
}
