package io.latent4j.schedulers.spacing;

import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.stream.IntStream;

/**
 * Noise levels at evenly spaced timesteps, the end of the run counted as one of them, as Stability's generative models
 * space them. Ratios are interpolated in their logarithm.
 *
 * @param noise what the model was trained with
 */
public record SgmUniform(NoiseSchedule noise) implements SigmaSpacing {

    @Override
    public double[] ratios(int steps, double max, double min) {
        double first = noise.timestep(max);
        double stride = (noise.timestep(min) - first) / steps;
        return IntStream.range(0, steps)
                .mapToDouble(i -> noise.ratioByLogarithm(first + i * stride))
                .toArray();
    }
}
